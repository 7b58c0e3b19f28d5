# Dice for the networks that the benches make: `state` is where their sequence begins.

# The next number of a fixed sequence (Park and Miller), below count: awks differ in their rand().
function draw(count) {
	state = (state * 16807) % 2147483647
	return state % count
}

# Whether something is the case that is so in so many of 100 cases.
function chance(percent) {
	return draw(100) < percent
}

# One of the words of a text.
function pick(text,    words) {
	return words[1 + draw(split(text, words, " "))]
}
