// SPDX-License-Identifier: MIT
//
// Reads each text with time.ParseDuration: the judge in duration_judge.py. Out: in 32 bits whether it is a duration;
// then, if so, its nanoseconds in 64.
package main

import (
	"bufio"
	"time"
)

func judge(text string, out *bufio.Writer) {
	duration, err := time.ParseDuration(text)
	if err != nil {
		write(out, int32(0))
		return
	}
	write(out, int32(1))
	write(out, duration.Nanoseconds())
}
