#include "topology/document.h"

struct word document_word(const struct yaml_node *scalar, const struct part *part)
{
	return (struct word){part->text, yaml_part(scalar, part->offset, part->length)};
}
