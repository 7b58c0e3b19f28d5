#include "exec/ssh/lookup.h"

#include <netdb.h>
#include <stdlib.h>
#include <uv.h>

#include "topology/base/memory.h"

struct lookup {
	uv_getaddrinfo_t request;
	lookup_done done; /* NULL: cancelled */
	void *data;
};

static void found(uv_getaddrinfo_t *request, int status, struct addrinfo *list)
{
	struct lookup *lookup = request->data;
	char address[INET6_ADDRSTRLEN] = "";
	const struct sockaddr *first = status ? NULL : list->ai_addr;

	if (first && first->sa_family == AF_INET6)
		uv_ip6_name((const struct sockaddr_in6 *)(const void *)first, address,
			    sizeof(address));
	else if (first)
		uv_ip4_name((const struct sockaddr_in *)(const void *)first, address,
			    sizeof(address));
	if (lookup->done)
		lookup->done(lookup->data, *address ? address : NULL);
	uv_freeaddrinfo(list);
	free(lookup);
}

struct lookup *lookup_start(struct uv_loop_s *loop, const char *name, lookup_done done, void *data)
{
	const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
	struct lookup *lookup = memory_alloc(sizeof(*lookup));

	lookup->request.data = lookup;
	lookup->done = done;
	lookup->data = data;
	/* What is refused at once is a name that is too long, or memory that is not there. */
	if (uv_getaddrinfo(loop, &lookup->request, found, name, NULL, &hints))
		memory_exhausted();
	return lookup;
}

void lookup_cancel(struct lookup *lookup)
{
	if (!lookup)
		return;
	lookup->done = NULL;
	/* One that is on its way ends by itself. */
	uv_cancel((uv_req_t *)&lookup->request);
}
