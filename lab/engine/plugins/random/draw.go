package main

import (
	"crypto/rand"
	"math/big"
)

// The characters of passwords.
const (
	lowers   = "abcdefghijklmnopqrstuvwxyz"
	uppers   = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	digits   = "0123456789"
	specials = "!@#$%&*()-_=+[]{}<>:?"
)

// class is one kind of characters, whether they are allowed, and how many of them are required.
type class struct {
	characters string
	allowed    bool
	atLeast    int
}

// draw generates a text: the minimum of each class, the rest from all allowed classes, then shuffled.
func draw(length int, classes []class) (string, error) {
	var text []byte
	all := ""
	for _, c := range classes {
		if c.allowed {
			all += c.characters
		}
		part, err := pick(c.characters, c.atLeast)
		if err != nil {
			return "", err
		}
		text = append(text, part...)
	}
	rest, err := pick(all, length-len(text))
	if err != nil {
		return "", err
	}
	return shuffle(append(text, rest...))
}

// shuffle changes the order, so that the position of a character does not depend on its class.
func shuffle(text []byte) (string, error) {
	for last := len(text) - 1; last > 0; last-- {
		other, err := below(last + 1)
		if err != nil {
			return "", err
		}
		text[last], text[other] = text[other], text[last]
	}
	return string(text), nil
}

func pick(characters string, count int) ([]byte, error) {
	picked := make([]byte, 0, max(count, 0))
	for range count {
		i, err := below(len(characters))
		if err != nil {
			return nil, err
		}
		picked = append(picked, characters[i])
	}
	return picked, nil
}

func below(n int) (int, error) {
	i, err := rand.Int(rand.Reader, big.NewInt(int64(n)))
	if err != nil {
		return 0, err
	}
	return int(i.Int64()), nil
}
