// SPDX-License-Identifier: MIT
//
// Reads each text by the grammar that Kubernetes publishes for resource.Quantity
// (https://pkg.go.dev/k8s.io/apimachinery/pkg/api/resource#Quantity): the judge in quantity_judge.py.
//
//	<quantity>        ::= <signedNumber><suffix>
//	<digit>           ::= 0 | 1 | ... | 9
//	<digits>          ::= <digit> | <digit><digits>
//	<number>          ::= <digits> | <digits>.<digits> | <digits>. | .<digits>
//	<sign>            ::= "+" | "-"
//	<signedNumber>    ::= <number> | <sign><number>
//	<suffix>          ::= <binarySI> | <decimalExponent> | <decimalSI>
//	<binarySI>        ::= Ki | Mi | Gi | Ti | Pi | Ei
//	<decimalSI>       ::= n | u | m | "" | k | M | G | T | P | E
//	<decimalExponent> ::= "e" <signedNumber> | "E" <signedNumber>
//
// (n and u are not in the published text, but in what Kubernetes reads.) Out: in 32 bits a kind; then, for a number
// and a part, the exact value as "numerator/denominator": its length in 32 bits, and its text.
package main

import (
	"bufio"
	"math/big"
	"regexp"
	"strings"
)

const (
	none             int32 = 0
	number           int32 = 1 // an exact value
	part             int32 = 2 // the same, with suffix n, u or m
	fractionExponent int32 = 3 // 1e1.5: an irrational number, but for luck
)

const (
	digits       = `[0-9]+`
	numberText   = `(?:` + digits + `\.` + digits + `|` + digits + `\.|\.` + digits + `|` + digits + `)`
	signedNumber = `[+-]?` + numberText
	binarySI     = `[KMGTPE]i`
	decimalSI    = `[numkMGTPE]?`
	exponent     = `[eE](` + signedNumber + `)`
)

var quantity = regexp.MustCompile(`\A(` + signedNumber + `)(` + binarySI + `|` + exponent + `|` + decimalSI + `)\z`)

var bases = map[byte]int64{'K': 1, 'k': 1, 'M': 2, 'G': 3, 'T': 4, 'P': 5, 'E': 6, 'm': -1, 'u': -2, 'n': -3}

// base to that power, which may be negative.
func power(base, exponent int64) *big.Rat {
	if exponent < 0 {
		return new(big.Rat).Inv(power(base, -exponent))
	}
	return new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(base), big.NewInt(exponent), nil))
}

// The value of a <signedNumber>.
func valueOf(text string) *big.Rat {
	places := int64(0)
	if point := strings.IndexByte(text, '.'); point >= 0 {
		places = int64(len(text) - point - 1)
		text = text[:point] + text[point+1:]
	}
	whole, ok := new(big.Int).SetString(text, 10)
	if !ok {
		panic("no number: " + text)
	}
	return new(big.Rat).Mul(new(big.Rat).SetInt(whole), power(10, -places))
}

// Ten to the exponent. One of more than that many digits beyond the text's own makes every number but 0 a part of one,
// or larger than any: it is cut to that.
func powerOfTen(text string, digits int) *big.Rat {
	limit := int64(digits) + 100
	value, _ := new(big.Int).SetString(text, 10)
	if value.CmpAbs(big.NewInt(limit)) > 0 {
		value = big.NewInt(limit * int64(value.Sign()))
	}
	return power(10, value.Int64())
}

func read(text string) (int32, *big.Rat) {
	found := quantity.FindStringSubmatch(text)
	if found == nil {
		return none, nil
	}
	value, suffix, exponent := valueOf(found[1]), found[2], found[3]
	switch {
	case strings.Contains(exponent, "."):
		return fractionExponent, nil
	case exponent != "":
		return number, value.Mul(value, powerOfTen(exponent, len(text)))
	case suffix == "":
		return number, value
	case strings.HasSuffix(suffix, "i"):
		return number, value.Mul(value, power(1024, bases[suffix[0]]))
	case strings.Contains("num", suffix):
		return part, value.Mul(value, power(1000, bases[suffix[0]]))
	}
	return number, value.Mul(value, power(1000, bases[suffix[0]]))
}

func judge(text string, out *bufio.Writer) {
	kind, value := read(text)
	write(out, kind)
	if value != nil {
		exact := value.String()
		write(out, uint32(len(exact)))
		write(out, []byte(exact))
	}
}
