// SPDX-License-Identifier: MIT
//
// How a judge in Go talks to its Python script. Integers are big-endian. In: texts, each its length in 32 bits and
// its bytes, to the end of the stream. Out: what judge(), in the file that this is built with, writes for each.
package main

import (
	"bufio"
	"encoding/binary"
	"io"
	"log"
	"os"
)

func main() {
	in := bufio.NewReader(os.Stdin)
	out := bufio.NewWriter(os.Stdout)
	for {
		var length uint32
		if err := binary.Read(in, binary.BigEndian, &length); err == io.EOF {
			break
		} else if err != nil {
			log.Fatal(err)
		}
		text := make([]byte, length)
		if _, err := io.ReadFull(in, text); err != nil {
			log.Fatal(err)
		}
		judge(string(text), out)
	}
	if err := out.Flush(); err != nil {
		log.Fatal(err)
	}
}

// Errors stay in the writer until Flush.
func write(out *bufio.Writer, data interface{}) {
	_ = binary.Write(out, binary.BigEndian, data)
}
