/* The network of this machine, as its kernel tells: in a network of this test's own. */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "exec/system/kernel.h"

TestSuite(kernel_network, .timeout = 60);

/* A network with nothing but a loopback, which is down; false where this user may not have one. */
static bool have_own(void)
{
	return unshare(CLONE_NEWNET) == 0 || unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0;
}

static void switch_loopback(bool on)
{
	struct ifreq request = {.ifr_name = "lo", .ifr_flags = (short)(on ? IFF_UP : 0)};
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	cr_assert(eq(int, ioctl(fd, SIOCSIFFLAGS, &request), 0));
	close(fd);
}

static struct kernel_end end_of(const char *address)
{
	struct kernel_end end = {.family = AF_INET};

	inet_pton(AF_INET, address, end.address);
	return end;
}

static const struct kernel_interface *find(const struct kernel_network *network, const char *name)
{
	for (size_t i = 0; i < network->interface_count; i++)
		if (strcmp(network->interfaces[i].name, name) == 0)
			return &network->interfaces[i];
	return NULL;
}

Test(kernel_network, tells_interfaces_addresses_and_routes_as_they_are)
{
	const struct kernel_end there = end_of("127.0.0.2"), away = end_of("192.0.2.1");
	const struct kernel_end here = end_of("127.0.0.1"), foreign = end_of("192.0.2.2");
	struct kernel_network network;
	struct kernel_route route;

	if (!have_own())
		cr_skip_test("no network of its own can be had");
	cr_assert(eq(int, kernel_network_init(&network), 0));
	cr_assert(ne(ptr, (void *)find(&network, "lo"), NULL));
	cr_expect(not(find(&network, "lo")->enabled));
	cr_expect(not(find(&network, "lo")->up));
	cr_expect(find(&network, "lo")->indirect);
	cr_expect(eq(sz, network.address_count, 0));
	cr_expect(lt(int, kernel_network_route(&network, &away, NULL, 0, &route), 0));
	kernel_network_finish(&network);

	switch_loopback(true);
	cr_assert(eq(int, kernel_network_init(&network), 0));
	cr_expect(find(&network, "lo")->enabled);
	cr_expect(find(&network, "lo")->up);
	cr_expect(ge(sz, network.address_count, 1));
	cr_expect(eq(str, network.addresses[0].interface, "lo"));
	cr_assert(eq(int, kernel_network_route(&network, &there, NULL, 0, &route), 0));
	cr_expect(eq(str, route.interface, "lo"));
	cr_assert(eq(int, kernel_network_route(&network, &there, &here, 0, &route), 0));
	/* No packet can come from an address that is not ours. */
	cr_expect(lt(int, kernel_network_route(&network, &there, &foreign, 0, &route), 0));
	cr_expect(lt(int, kernel_network_route(&network, &away, NULL, 0, &route), 0));
	/* What was said of one question is not taken for the answer to the next. */
	cr_assert(eq(int, kernel_network_route(&network, &there, NULL, 0, &route), 0));
	kernel_network_finish(&network);
}

Test(kernel_network, tells_that_something_has_changed)
{
	struct pollfd watch = {.events = POLLIN};

	if (!have_own())
		cr_skip_test("no network of its own can be had");
	watch.fd = kernel_network_watch();
	cr_assert(ge(int, watch.fd, 0));
	cr_expect(eq(int, poll(&watch, 1, 0), 0));
	cr_expect(not(kernel_network_heard(watch.fd)));
	switch_loopback(true);
	cr_expect(eq(int, poll(&watch, 1, 10000), 1));
	cr_expect(kernel_network_heard(watch.fd));
	cr_expect(not(kernel_network_heard(watch.fd)));
	close(watch.fd);
}

Test(kernel_network, a_timer_comes_again_and_again)
{
	struct pollfd timer = {.events = POLLIN};

	timer.fd = kernel_timer_open(20);
	cr_assert(ge(int, timer.fd, 0));
	for (int i = 0; i < 2; i++) {
		cr_expect(eq(int, poll(&timer, 1, 10000), 1));
		kernel_timer_read(timer.fd);
	}
	close(timer.fd);
}
