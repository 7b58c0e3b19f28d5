#include "exec/system/own_link.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "topology/base/memory.h"

/* An IPv4 or IPv6 address with a port; the first member tells which. */
union place {
	struct sockaddr any;
	struct sockaddr_in four;
	struct sockaddr_in6 six;
};

/* Any port: nothing is sent there. */
#define PORT 22

static bool parse(const char *address, union place *ret_place)
{
	union place place = {.any.sa_family = AF_INET};

	if (inet_pton(AF_INET, address, &place.four.sin_addr) == 1) {
		place.four.sin_port = htons(PORT);
	} else if (inet_pton(AF_INET6, address, &place.six.sin6_addr) == 1) {
		place.six.sin6_family = AF_INET6;
		place.six.sin6_port = htons(PORT);
	} else {
		return false;
	}
	*ret_place = place;
	return true;
}

static bool same_address(const struct sockaddr *left, const union place *right)
{
	if (!left || left->sa_family != right->any.sa_family)
		return false;
	if (left->sa_family == AF_INET)
		return ((const struct sockaddr_in *)(const void *)left)->sin_addr.s_addr ==
		       right->four.sin_addr.s_addr;
	return memcmp(&((const struct sockaddr_in6 *)(const void *)left)->sin6_addr,
		      &right->six.sin6_addr, sizeof(right->six.sin6_addr)) == 0;
}

/* Whether the interface that has this address carries nothing now. */
static bool is_interface_down(const union place *here, const char *address, struct strbuf *words)
{
	const unsigned up = IFF_UP | IFF_RUNNING;
	struct ifaddrs *all;
	bool down = false;

	if (getifaddrs(&all)) {
		if (errno == ENOMEM)
			memory_exhausted();
		return false;
	}
	for (const struct ifaddrs *item = all; item && !down; item = item->ifa_next) {
		if (!same_address(item->ifa_addr, here))
			continue;
		down = (item->ifa_flags & up) != up;
		if (down)
			strbuf_printf(words,
				      "the interface %s, by which this machine reaches %s, is down",
				      item->ifa_name, address);
	}
	freeifaddrs(all);
	return down;
}

bool own_link_is_down(const char *address, struct strbuf *words)
{
	union place there, here = {.any.sa_family = AF_UNSPEC};
	socklen_t size = sizeof(here);
	bool down = false;
	int fd;

	if (!parse(address, &there))
		return false;
	fd = socket(there.any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return false;
	/* Of such a socket, this only chooses the route. */
	if (connect(fd, &there.any, sizeof(there)) == 0) {
		down = getsockname(fd, &here.any, &size) == 0 &&
		       is_interface_down(&here, address, words);
	} else if (errno == ENETUNREACH || errno == ENETDOWN) {
		down = true;
		strbuf_printf(words, "this machine has no route to %s", address);
	}
	close(fd);
	return down;
}
