#include "topology/validate/validate_parts.h"

#include <stdlib.h>

static int compare_signs(const void *left, const void *right)
{
	const struct place_sign *a = left, *b = right;

	if (a->fact != b->fact)
		return a->fact < b->fact ? -1 : 1;
	return (a->at.at > b->at.at) - (a->at.at < b->at.at);
}

void validate_places(struct validator *validator)
{
	for (size_t i = 0; i < validator->document->place_count; i++) {
		const struct doc_place *from = &validator->document->places[i];
		struct place *place = &validator->topology->places[i];
		const struct referrer referrer = {"place", place->name, "is on"};

		validate_interfaces(validator, &from->interfaces, referrer, &place->interfaces,
				    &place->interface_count);
		place->signs = from->signs;
		place->sign_count = from->sign_count;
		if (place->sign_count)
			qsort(place->signs, place->sign_count, sizeof(*place->signs),
			      compare_signs);
	}
}
