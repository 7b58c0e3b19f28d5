/*
 * Print parts: what the print_*.c files, one for each part of the language, share. Used only by
 * them.
 */
#ifndef TUNPLAN_TOPOLOGY_PRINT_PRINT_PARTS_H
#define TUNPLAN_TOPOLOGY_PRINT_PRINT_PARTS_H

#include "topology/model/topology.h"
#include "topology/print/writer.h"

/* The port of an sshd where nothing says otherwise. */
#define PRINT_SSH_PORT 22

struct printer {
	const struct topology *topology;
	struct writer writer;
	struct arena *scratch;
	const char **words; /* a list that is being collected */
	size_t word_count;
};

/* Collects up to count values of a list, and writes them under a key; nothing for none. */
void print_words_begin(struct printer *printer, size_t count);
void print_words_add(struct printer *printer, const char *word);
void print_words_end(struct printer *printer, const char *key);

/* Writes how far something is trusted, unless it is medium. */
void print_trust(struct printer *printer, const char *key, uint8_t trust);

/* Writes the VLANs of a host or of a place, with the addresses there. */
void print_interfaces(struct printer *printer, const struct interface *interfaces, size_t count);

/* Writes the keys of a login, or of what a tunnel is held to, that differ from the defaults. */
void print_login(struct printer *printer, const struct ssh_login *login,
		 const struct ssh_login *defaults);
void print_tunnel_options(struct printer *printer, const struct tunnel_options *options,
			  const struct tunnel_options *defaults);

/* Write whole parts, keys included. */
void print_hosts(struct printer *printer);
void print_tunnels(struct printer *printer);

#endif
