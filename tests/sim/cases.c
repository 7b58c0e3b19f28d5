#include "tests/sim/cases.h"

#include <stdlib.h>
#include <string.h>

#include "tests/sim/networks.h"
#include "topology/base/memory.h"

static const struct sim_case cases[] = {
	{"a connection that stood before somebody asked is no answer", 5014654,
	 "   0     100 ms  h2:1 does not answer\n"
	 "   1    1000 ms  up some of a.yaml, changed --no-wait\n"
	 "   2    1300 ms  up deep some of c.yaml\n"},
	{"a login that is refused is not tried again with each round of another path", 68,
	 "   0   16338 ms  h1 does not answer\n"
	 "   2   35440 ms  up two deep some of c.yaml\n"
	 "  11   78605 ms  h1 accepts no key\n"},
	{"nor because the ssh before it was lost", 494,
	 "   0    1000 ms  up one of a.yaml\n"
	 "   1    5000 ms  h2 accepts no key\n"
	 "   2    6000 ms  each ssh of h2 is lost: Connection to h closed by remote host.\n"
	 "   3   20000 ms  each ssh of h1 is lost: Connection to h closed by remote host.\n"},
	{"three quick tries are not made again with each round of a move", 579,
	 "   1       0 ms  up split of b.yaml --no-wait\n"
	 "   4       0 ms  up one of d.yaml\n"
	 "  10   39821 ms  r1 accepts no key\n"
	 "  13   56775 ms  the own network is down for 1 s, and then has another address\n"
	 "  18   76725 ms  r1 closes before its banner\n"},
	{"tunnels that are to move are tried together", 8650,
	 "   2     362 ms  up fixed some of d.yaml --no-wait --persist\n"
	 "   3    1194 ms  up two some of c.yaml --no-wait --persist\n"
	 "   5    1261 ms  the own network has another address\n"
	 "   9    1330 ms  h2 has no sshd\n"},
	{"what another ssh sees there may be of the one before it, which died in silence", 20010044,
	 "   5  148618 ms  up rem of d.yaml --no-wait --persist\n"
	 "   6  176398 ms  status there of a.yaml --probe\n"
	 "   9  189576 ms  the own network is down for 30 s, and then has another address\n"
	 "  11  189602 ms  down --all of a.yaml\n"
	 "  12  199985 ms  the own network has another address\n"
	 "  13  199986 ms  down --all-files\n"},
	{"a move waits until the host that is left alone is due", 13011,
	 "   0     428 ms  the own network is down for 5 s\n"
	 "   3   33871 ms  h2 ends what nothing runs through for 20 s, and what it carries without "
	 "a byte for 12 s\n"
	 "   7   39159 ms  up some of d.yaml\n"
	 "  12  101775 ms  h2 closes before its banner\n"
	 "  13  101775 ms  each ssh of h2 is lost: client_loop: send disconnect: Broken pipe\n"
	 "  14  101788 ms  the own network is down for 1 s, and then has another address\n"
	 "  15  101817 ms  status --all-files\n"},
	{"what a stitched hop left on a dead link is named, though the hop is wanted again", 501812,
	 "   2   14317 ms  up wide stitched of b.yaml\n"
	 "  11   20559 ms  the own network is down for 5 s, and then has another address\n"
	 "  13   20559 ms  down --all-files\n"
	 "  20   20625 ms  up stitched of b.yaml --persist\n"},
	{"a tunnel that moves does not begin the waits of a hop that others wait for anew", 1015320,
	 "   1    6222 ms  up one both of a.yaml, changed\n"
	 "   2   11139 ms  h2 ends what nothing runs through for 8 s\n"
	 "   4   11140 ms  h2 lets nobody from here in for now\n"
	 "  12   28427 ms  up rem of d.yaml --persist\n"
	 "  17   39261 ms  the own network is down for 1 s, and then has another address\n"
	 "  18   40488 ms  the own network is down for 5 s\n"
	 "  22   66888 ms  the own network is down for 1 s, and then has another address\n"},
	{"an ssh that goes on while the own network is down is not up by that", 1049139,
	 "   0    7402 ms  up one rem back of b.yaml\n"
	 "   1    9938 ms  h2 ends what nothing runs through for 8 s\n"
	 "   3   10862 ms  up rsock back of b.yaml --no-wait --persist\n"
	 "   5   26901 ms  h3 ends what nothing runs through for 8 s\n"
	 "   6   44061 ms  the own network has another address\n"
	 "   9   76125 ms  each ssh of h1 gets STOP\n"
	 "  10   77008 ms  the own network is down for 30 s, and then has another address\n"
	 "  13   79255 ms  up rem of b.yaml\n"
	 "  15   83393 ms  the machine wakes\n"
	 "  16   83841 ms  up rsock of b.yaml\n"
	 "  17   84460 ms  the own network is down for 5 s\n"
	 "  19   84852 ms  each ssh of h1 gets CONT\n"},
	{"what came before the own network was down is no sign that it is not", 1056186,
	 "   4   58184 ms  up deep rem of c.yaml --no-wait\n"
	 "   5   71957 ms  the link to h1 stands still for 8 s\n"
	 "   8   80044 ms  the own network is down\n"},
	{"over a slow link an unanswered question says nothing for a server that opens all",
	 1109612,
	 "   0       8 ms  up one sock there of a.yaml --persist\n"
	 "   1    5241 ms  up one of a.yaml\n"},
	{"what went through an ssh that is gone with its supervisor does not wait for its hop",
	 11321,
	 "   4    5855 ms  up path some relayed of b.yaml\n"
	 "   7   19629 ms  the supervisor is killed at its call number 20\n"
	 "   8   19630 ms  each ssh of h1 is lost: Read from remote host h: Connection reset by "
	 "peer\n"
	 "   9   20867 ms  h2 closes before its banner\n"
	 "  10   20880 ms  down path back anywhere of b.yaml\n"},
	{"an ssh that was about to be told to drain is told by the next supervisor", 638548,
	 "   2    3988 ms  h2 closes before its banner\n"
	 "   6    6747 ms  up two both path of a.yaml --persist\n"
	 "   8    7246 ms  the supervisor is killed at its call number 38\n"
	 "  11    7259 ms  each ssh of h1 gets STOP\n"
	 "  13    8975 ms  up rem both some of a.yaml, changed\n"},
	{"who had a port under another supervisor has it still, whoever else wants it", 624793,
	 "   4     357 ms  up one rem back of b.yaml --no-wait\n"
	 "  10    5799 ms  the supervisor is killed at its call number 10\n"
	 "  13    6691 ms  up one two rem of c.yaml --no-wait\n"
	 "  16    6719 ms  each ssh of h2 is lost: Connection to h closed by remote host.\n"
	 "  17    6721 ms  up back of b.yaml\n"
	 "  18    8253 ms  the supervisor is killed at its call number 30\n"},
	{"what was asked before a closed port, and was answered, says nothing of that", 621671,
	 "   1   47646 ms  up wide of b.yaml --persist\n"
	 "   2   47658 ms  somebody is connected to 127.0.0.1:27761 for 1.5 s\n"
	 "   3   67072 ms  the supervisor is killed at its call number 8\n"
	 "   4   67141 ms  h2 refuses remote listeners\n"
	 "   5   71262 ms  up some wide of b.yaml\n"
	 "   6  124192 ms  somebody is connected to 127.0.0.1:7102 for 1.5 s\n"
	 "   7  124205 ms  up one of a.yaml, broken\n"
	 "   8  124229 ms  each ssh of h2 gets STOP\n"},
	{"what a host has said since this machine is where it is holds, though it is known late "
	 "where that is",
	 20294,
	 "   0      40 ms  up rem fixed of d.yaml --persist\n"
	 "   3     226 ms  the own network is down for 5 s, and then has another address\n"
	 "   6   10956 ms  r1 has a key that is not known\n"
	 "   7   28977 ms  up rem of d.yaml\n"},
	{"no other path is taken by what has no place to listen", 50888,
	 "   1      92 ms  h1 closes before its banner\n"
	 "   2      92 ms  up one some split of b.yaml\n"
	 "  14   60241 ms  up one two rival of c.yaml --persist\n"},
	{"a confirmation whose channel is not in the log, because the disk was full, proves no "
	 "egress",
	 106170,
	 "   1      27 ms  up deep rem of c.yaml\n"
	 "   3     377 ms  the disk is full\n"
	 "   6    2072 ms  each ssh of h3 is lost: Connection to h closed by remote host.\n"
	 "   7    2074 ms  each ssh of h1 gets STOP\n"},
	{"what a host said before it did not answer in time is no reason to leave it alone", 106652,
	 "   3   12804 ms  h3 lets nobody from here in for now\n"
	 "   7   12901 ms  up wide of b.yaml --no-wait --persist\n"
	 "   9   13062 ms  h2 ends what nothing runs through for 20 s, and what it carries without "
	 "a byte for 12 s\n"
	 "  10   13062 ms  the link to h3 stands still for 46 s\n"
	 "  13  116302 ms  the link to h3 stands still\n"},
	{"a login that began before it was mended is made anew at once", 130186,
	 "   1    1940 ms  up rem same of d.yaml\n"
	 "   2   11293 ms  the supervisor is killed at its call number 4\n"
	 "   4   20593 ms  up rem same fixed of d.yaml --persist\n"
	 "  11   71818 ms  each ssh of h1 is lost: client_loop: send disconnect: Broken pipe\n"
	 "  12   73143 ms  h1 has a key that is not known\n"
	 "  15   76266 ms  h1 accepts no key\n"},
	{"and so is one that was cut off since", 197090,
	 "   0     644 ms  up one some of c.yaml --persist\n"
	 "   1    1395 ms  each ssh of h2 gets TERM\n"
	 "   3   18862 ms  the supervisor is killed at its call number 7\n"
	 "   5   29054 ms  up two of a.yaml, changed\n"
	 "   8   31179 ms  down --all of a.yaml, broken\n"
	 "  10   32143 ms  h2 accepts no key\n"
	 "  11   32202 ms  each ssh of h2 gets KILL\n"
	 "  13   32807 ms  h2 hangs after its banner\n"
	 "  16   51807 ms  each ssh of h1 gets TERM\n"},
	{"what a new ssh is told when the one before it is heard again, is heard by nobody", 179044,
	 "   5   10068 ms  up fixed some of d.yaml\n"
	 "   9   10630 ms  the own network is down for 90 s\n"
	 "  13   11731 ms  up one rem some of a.yaml, changed\n"
	 "  14   11733 ms  h2 has a key that is not known\n"
	 "  18   11748 ms  h1 ends what nothing runs through for 20 s, and what it carries without "
	 "a byte for 12 s\n"
	 "  20   11751 ms  the own network is down for 1 s\n"
	 "  21   11751 ms  h1 lets nobody from here in for now\n"
	 "  22   12373 ms  h2:7001 does not answer\n"},
	{"a keepalive that a slow link has on its way is not taken for one that has passed", 195200,
	 "   0       0 ms  up two of a.yaml, changed --persist\n"
	 "   2     540 ms  h1 ends what nothing runs through for 20 s, and what it carries without "
	 "a byte for 12 s\n"},
	{"and a keepalive that did not keep it alive is sent more often", 159481,
	 "   0       0 ms  up one of b.yaml --persist\n"
	 "  11  173877 ms  h2 ends what nothing runs through for 20 s, and what it carries without "
	 "a byte for 12 s\n"
	 "  14  238657 ms  h2 ends what it carries without a byte for 6 s\n"
	 "  16  238692 ms  up some of c.yaml --persist\n"},
	{"an ssh that goes on beside a new one is not up by that while the own network is down",
	 157160,
	 "   6   11326 ms  up rem of a.yaml\n"
	 "   8   12110 ms  each ssh of h1 gets STOP\n"
	 "   9   16726 ms  the machine wakes\n"
	 "  10   16736 ms  the own network is down\n"
	 "  11   16778 ms  each ssh of h1 gets CONT\n"},
	{"what came while the own network was up for a moment is no sign that it is up", 645513,
	 "   1      41 ms  up some relayed of b.yaml --no-wait\n"
	 "   7     105 ms  the own network is down for 90 s\n"
	 "  13    1917 ms  the own network is up\n"
	 "  16    1929 ms  the link to r1 moves\n"
	 "  17    1929 ms  the own network is down for 5 s, and then has another address\n"},
	{"what is kept for a tunnel that cannot be planned is in nobody's way when it has ended",
	 713678,
	 "   0       2 ms  up one rem rival of c.yaml\n"
	 "  11    4411 ms  up fixed some of d.yaml\n"
	 "  12    4420 ms  the runtime directory is emptied\n"
	 "  13    4421 ms  the supervisor is killed at its call number 35\n"
	 "  15    6629 ms  the own network is down for 1 s, and then has another address\n"
	 "  18    9126 ms  up same fixed of d.yaml --no-wait --persist\n"},
	{"the port that comes after one which is taken is written down before it is asked for",
	 719443,
	 "   1      37 ms  127.0.0.1:27761 is taken by another program\n"
	 "  13   20690 ms  up some of d.yaml --persist\n"
	 "  16   20716 ms  the supervisor is killed at its call number 32\n"
	 "  21   32164 ms  up quiet of a.yaml\n"},
	{"that an ssh goes on says nothing of those that carry it", 136830,
	 "   2   18035 ms  up deep of c.yaml\n"
	 "   6   68387 ms  each ssh of h2 gets STOP\n"
	 "  10   99526 ms  up deep rival some of c.yaml\n"
	 "  11   99528 ms  the own network is down for 30 s\n"
	 "  12  100064 ms  each ssh of h2 gets CONT\n"},
	{"a penalty is counted on though the way to who gave it was lost meanwhile", 743122,
	 "   3   13956 ms  up deep of c.yaml\n"
	 "   4   14953 ms  each ssh of h1 gets TERM\n"
	 "   6   14953 ms  h2 lets nobody from here in for now\n"
	 "   8   15478 ms  each ssh of h1 gets KILL\n"
	 "  10   16448 ms  the link to h2 stands still for 30 s\n"
	 "  12   42266 ms  each ssh of h1 is lost: Read from remote host h: Connection reset by "
	 "peer\n"},
	{"that an ssh has a remote listener already is no sign of life", 783137,
	 "   4   51724 ms  up one rival of c.yaml\n"
	 "   6   53007 ms  the own network is down for 30 s, and then has another address\n"
	 "   7   53007 ms  the supervisor is killed at its call number 0\n"
	 "   8   53007 ms  up gone of a.yaml, changed --no-wait\n"
	 "   9   64206 ms  the own network is down for 30 s\n"},
	{"what came before the network was seen to be down again is no sign", 105884,
	 "   3    6143 ms  up rem gone of a.yaml, changed --persist\n"
	 "   5   21899 ms  the own network is down for 90 s\n"
	 "   6   25245 ms  the supervisor is killed at its call number 4\n"
	 "   9   29349 ms  up some of b.yaml --persist\n"
	 "  10   29396 ms  the own network is up\n"
	 "  11   29403 ms  the own network is down for 1 s\n"},
	{"that a hop is new when the network is looked at is no change of that", 256655,
	 "   0       0 ms  up one back of b.yaml\n"
	 "   1    4032 ms  h1 has no sshd\n"
	 "   5   23575 ms  each ssh of h3 is lost: client_loop: send disconnect: Broken pipe\n"
	 "   6   23577 ms  each ssh of h1 is lost: Connection to h closed by remote host.\n"
	 "   7   27288 ms  h2 accepts no key\n"
	 "  10   44356 ms  up fixed some of d.yaml --persist\n"},
	{"another path of an up that is under way does not begin the waits of a host anew", 153716,
	 "   4    2883 ms  h1 does not answer\n"
	 "   5    4954 ms  up deep rem rival of c.yaml\n"
	 "  11    5957 ms  r1 accepts no key\n"
	 "  15    8304 ms  each ssh of r1 gets KILL\n"},
	{"a closed port that is not answered for, because the link stands still, does not make an "
	 "opened one a proof",
	 172082,
	 "   0   10247 ms  up one rem of a.yaml, broken --no-wait\n"
	 "   3   62603 ms  up stitched back of b.yaml --no-wait\n"
	 "   6   62632 ms  up path of b.yaml\n"
	 "   8   62681 ms  the link to h1 stands still for 30 s\n"},
	{"nor because this machine has another address", 241738,
	 "   0     165 ms  up rem some of d.yaml --no-wait\n"
	 "   1     810 ms  the supervisor is killed at its call number 0\n"
	 "   4    2314 ms  the own network is up\n"
	 "   6    2314 ms  the own network is down for 30 s, and then has another address\n"
	 "   8   18942 ms  up some of c.yaml\n"
	 "  10   36118 ms  status one fixed of d.yaml --probe\n"
	 "  11   37443 ms  the disk has room\n"
	 "  12   37443 ms  the own network is down for 1 s, and then has another address\n"
	 "  13   37812 ms  up rem of c.yaml\n"
	 "  14   50377 ms  the supervisor gets TERM\n"
	 "  15   50820 ms  the disk has room\n"
	 "  16   50820 ms  the supervisor is killed at its call number 3\n"
	 "  17   53078 ms  up one rem of a.yaml, broken\n"
	 "  18   53707 ms  up one same of d.yaml\n"
	 "  19   53779 ms  the own network has another address\n"},
	{"what cannot be asked for over a dead link is left there until that ends", 166824,
	 "   1   16779 ms  up rem some of d.yaml --no-wait\n"
	 "   2   22902 ms  h1 closes before its banner\n"
	 "   3   35090 ms  up path there of a.yaml --no-wait --persist\n"
	 "   5   35156 ms  the own network is down for 5 s, and then has another address\n"
	 "  14   68076 ms  each ssh of h1 gets STOP\n"},
	{"what an ssh did not close is removed when it has ended", 177194,
	 "   1   11705 ms  up joined of a.yaml\n"
	 "   3   37665 ms  each ssh of h2 gets STOP\n"
	 "   5   40853 ms  the supervisor is killed at its call number 4\n"
	 "   9  105406 ms  down --all-files\n"},
	{"three quick tries are a second apart, though the ssh before it was lost", 375401,
	 "   0    7930 ms  up two both there of a.yaml\n"
	 "   4   88319 ms  h2 closes before its banner\n"
	 "   5  128710 ms  each ssh of h1 gets TERM\n"
	 "   6  128927 ms  each ssh of h1 gets KILL\n"},
	{"a login is on its way when the long wait before it is over", 387230,
	 "   0       0 ms  h2 lets nobody from here in for now\n"
	 "   7   63415 ms  up both of a.yaml, changed --no-wait --persist\n"
	 "  21  256208 ms  the link to h3 stands still for 30 s\n"},
	{"what cannot be started, because it cannot be written down, asks nobody", 411677,
	 "   8   21102 ms  up one of a.yaml, changed\n"
	 "  12   55789 ms  each ssh of h1 gets STOP\n"
	 "  15  132833 ms  each ssh of h1 gets STOP\n"
	 "  19  163532 ms  the disk is full\n"},
	{"a trial may end in the moment in which somebody looks whether all rests", 405813,
	 "   0   37636 ms  up one two of c.yaml\n"
	 "   6   65880 ms  h1 closes before its banner\n"
	 "   7   66344 ms  each ssh of h2 gets KILL\n"
	 "   8   66346 ms  h2 has no sshd\n"
	 "   9   66575 ms  each ssh of h1 gets TERM\n"
	 "  11   66663 ms  client 0 stops to read\n"},
	{"what was down before does not make it known sooner that it is down again", 555109,
	 "   3   10251 ms  up quiet of a.yaml\n"
	 "   5   35772 ms  the own network is down for 1 s\n"
	 "   6   35773 ms  the own network is up\n"
	 "   8   36676 ms  the own network is down for 1 s\n"},
	{"what an ssh has that is about to end is cleared away when it has ended", 298967,
	 "   3    4301 ms  up path of b.yaml\n"
	 "   4    5599 ms  each ssh of h3 gets STOP\n"
	 "   5    5708 ms  h1:1 does not answer\n"
	 "   7   10900 ms  the supervisor is killed at its call number 30\n"
	 "   9   11433 ms  up far stitched of b.yaml\n"
	 "  11   11574 ms  up own of b.yaml\n"
	 "  17   17024 ms  the supervisor is killed at its call number 11\n"
	 "  18   18513 ms  the own network is down for 90 s\n"},
	{"what was taken over is known to be there before it is confirmed again", 417616,
	 "   7   70805 ms  up joined of a.yaml --no-wait --persist\n"
	 "  12  157476 ms  down dyn of a.yaml\n"
	 "  13  158387 ms  the supervisor is killed at its call number 9\n"
	 "  17  271571 ms  each ssh of h1 gets TERM\n"
	 "  18  271571 ms  up one rem of a.yaml, broken\n"
	 "  19  271571 ms  the own network is down for 30 s\n"
	 "  20  272248 ms  the supervisor is killed at its call number 15\n"},
	{"what cannot go through a stopped ssh any more goes by another path, if no other ssh gets "
	 "up",
	 2068568,
	 "   0   14307 ms  up wide of b.yaml --persist\n"
	 "  13  150828 ms  h1 closes before its banner\n"
	 "  15  158380 ms  up deep some of c.yaml --no-wait\n"
	 "  16  159995 ms  each ssh of h1 gets STOP\n"
	 "  17  160023 ms  each ssh of h2 is lost: client_loop: send disconnect: Broken pipe\n"},
	{"who does not persist waits for one trial of another path, and not for those of who does",
	 2132072,
	 "   8    2386 ms  h2 hangs after its banner\n"
	 "  10    2443 ms  up one deep rival of c.yaml\n"
	 "  11    2458 ms  h1 does not answer\n"
	 "  14   11598 ms  up one deep of c.yaml --persist\n"},
	{"what an up asks for again, and was lost just before, is told to be lost", 4061086,
	 "   0    5231 ms  up rsock split back of b.yaml\n"
	 "   1   18637 ms  the link to h2 stands still\n"
	 "   2   18709 ms  each ssh of h2 is lost: Read from remote host h: Connection reset by "
	 "peer\n"
	 "   3   18709 ms  up path split anywhere of b.yaml --persist\n"
	 "  18   28255 ms  client 3 abandons its up\n"},
	{"a session that was ended once is held again by the next ssh", 4108876,
	 "   1       3 ms  h2 ends what nothing runs through for 40 s\n"
	 "   8    1671 ms  up some of a.yaml, changed\n"
	 "  12    1749 ms  h2 refuses remote listeners\n"
	 "  16  121331 ms  h2 allows remote listeners\n"
	 "  19  179314 ms  h2 ends what nothing runs through for 40 s\n"},
	{"another path that has just got up is not ended because the supervisor is killed",
	 20061520,
	 "   2       5 ms  h1 has no sshd\n"
	 "   4      77 ms  up one of b.yaml --persist\n"
	 "   6     132 ms  up path rsocks of b.yaml --persist\n"
	 "  16     319 ms  up one of a.yaml, broken --no-wait\n"
	 "  18     322 ms  the supervisor is killed at its call number 26\n"},
	{"a socket that an ssh makes in its last moment goes with it", 21031063,
	 "   3    4385 ms  r1 ends what nothing runs through for 8 s\n"
	 "   5   13872 ms  the own network is down for 1 s\n"
	 "   6   13878 ms  up some of d.yaml --no-wait --persist\n"
	 "   8   28883 ms  h3 ends what nothing runs through for 40 s\n"
	 "   9   28886 ms  each ssh of h2 gets TERM\n"
	 "  10   28886 ms  h4 ends what nothing runs through for 20 s, and what it carries without "
	 "a byte for 12 s\n"
	 "  15   28942 ms  each ssh of h2 gets STOP\n"
	 "  17   28942 ms  the supervisor gets TERM\n"},
	{"that an ssh has a listener already, of which nobody could write, is no sign of life "
	 "either",
	 22013058,
	 "   8   35072 ms  up rem some of c.yaml\n"
	 "  14   47037 ms  the disk is full\n"
	 "  15   47953 ms  the supervisor is killed at its call number 26\n"
	 "  20   63983 ms  up one rem of a.yaml, broken --persist\n"
	 "  21   63983 ms  the own network is down for 30 s\n"},
	{"a second look for a place that was not found out does not begin the waits of others anew",
	 22131191,
	 "   2    5567 ms  up deep joined quiet of a.yaml --no-wait\n"
	 "   3    5567 ms  the own network is down for 5 s, and then has another address\n"
	 "   6   23036 ms  the own network is down for 5 s, and then has another address\n"
	 "   7   25098 ms  up two of c.yaml\n"
	 "   8   27033 ms  up rem some of d.yaml --persist\n"
	 "  14   63882 ms  the own network is down for 30 s, and then has another address\n"
	 "  16   63932 ms  h2 has a key that is not known\n"
	 "  19   73506 ms  h2 closes before its banner\n"
	 "  21   73529 ms  r1 has no sshd\n"},
	{"who joins a dial that has stood still is not told that it was late", 22351935,
	 "   3   12887 ms  up rival some of c.yaml --no-wait\n"
	 "   6   40035 ms  up one rem of a.yaml, changed\n"
	 "   7   40036 ms  the own network is down for 5 s\n"},
	{"on a slow link a keepalive each second is not taken for none", 22353695,
	 "  15    1463 ms  up deep rem of a.yaml\n"
	 "  16    1466 ms  h2 ends what nothing runs through for 8 s\n"
	 "  18    1804 ms  up same fixed of d.yaml\n"},
	{"nobody waits for the port of an ssh that only goes on as it is", 23020980,
	 "   2   30303 ms  up some of d.yaml\n"
	 "   8   48714 ms  the own network has another address\n"
	 "  10   48723 ms  the own network has another address\n"
	 "  15   53112 ms  the own network has another address\n"
	 "  17   77731 ms  the runtime directory is emptied\n"
	 "  19  145719 ms  up deep some of c.yaml\n"
	 "  20  145719 ms  the supervisor is killed at its call number 2\n"},
	{"what is heard just before the network is gone once more does not say that it is there",
	 23098514,
	 "   9   30870 ms  up one of d.yaml\n"
	 "  12   46245 ms  up rem split of b.yaml\n"
	 "  13   46329 ms  the own network is down for 30 s\n"
	 "  17   46450 ms  the own network is up\n"
	 "  18   46451 ms  the own network is down for 5 s\n"},
	{"what cannot leave this machine knocks nowhere", 23161121,
	 "   1    3681 ms  the own network is up\n"
	 "   2    3706 ms  up some of d.yaml\n"
	 "   3    5531 ms  each ssh of h2 gets KILL\n"
	 "   4    5626 ms  the own network is down for 5 s, and then has another address\n"
	 "   9   38750 ms  the link to r1 stands still for 46 s\n"
	 "  10   95758 ms  the own network is down\n"},
	{"an egress behind a link that stood still until it was asked once more has said nothing",
	 339018,
	 "   0       0 ms  up one of a.yaml\n"
	 "   1   13218 ms  the link to h2 stands still for 8 s\n"
	 "   4   16216 ms  up deep some there of a.yaml --persist\n"},
	{"a port that is tried after another one, and that somebody is about to leave, is asked "
	 "for then",
	 893653,
	 "   5     581 ms  127.0.0.1:27761 is taken by another program\n"
	 "   6   21820 ms  up deep some of c.yaml\n"
	 "   9   63490 ms  each ssh of h2 gets STOP\n"
	 "  15   73187 ms  up one rem some of a.yaml, changed --no-wait --persist\n"
	 "  16   73209 ms  the supervisor is killed at its call number 12\n"
	 "  20   91369 ms  up one deep of c.yaml --persist\n"},
	{"who had a place and comes back to it is in the way of another path, too", 889792,
	 "   1     611 ms  up one of d.yaml --no-wait --persist\n"
	 "   3     651 ms  up one deep of c.yaml --persist\n"
	 "   4   15663 ms  h1 closes before its banner\n"
	 "   6   15737 ms  each ssh of h1 is lost: Read from remote host h: Connection reset by "
	 "peer\n"},
	{"and goes on with it though the other one, whose ssh was refused it, was written down, "
	 "too",
	 276573,
	 "   6   30186 ms  up rem of d.yaml\n"
	 "   7   37740 ms  up rival of c.yaml --persist\n"
	 "   8   72905 ms  the supervisor is killed at its call number 12\n"},
	{"of two that want the very same listener, the one that had it goes on with it", 591582,
	 "   1   19679 ms  up one some of d.yaml\n"
	 "  10   35521 ms  up own stitched of b.yaml --no-wait\n"
	 "  12   38246 ms  the link to h1 stands still\n"
	 "  13   38284 ms  up rem rival of c.yaml --persist\n"
	 "  17   61411 ms  down --all of b.yaml\n"
	 "  20   81665 ms  the supervisor is killed at its call number 31\n"},
	{"what goes on by its old ssh is not up if that goes through one that stood still", 43504,
	 "   0       0 ms  up deep of a.yaml\n"
	 "  10    4493 ms  h3 closes before its banner\n"
	 "  20    9967 ms  the own network is down for 1 s, and then has another address\n"},
	{"a host that was tried for long is not tried as if anew because the machine has moved",
	 80003522,
	 "   3    7152 ms  up rem of c.yaml\n"
	 "   4    7152 ms  up one of d.yaml --no-wait --persist\n"
	 "   5    7160 ms  the own network is down for 5 s, and then has another address\n"
	 "   7    7309 ms  up one some of c.yaml --persist\n"
	 "   8    7311 ms  h1 accepts no key\n"
	 "   9   19323 ms  h1 has no sshd\n"
	 "  12   19329 ms  the own network is down for 90 s\n"
	 "  13   26104 ms  client 7 stops to read\n"
	 "  16   31263 ms  the own network is down for 30 s, and then has another address\n"},
};

const struct sim_case *case_at(unsigned index)
{
	return index < sizeof(cases) / sizeof(*cases) ? &cases[index] : NULL;
}

/* Whether it says the same in words. */
static bool says(const struct event *event, const char *words)
{
	struct strbuf text = {0};
	bool same;

	event_print(event, &text);
	same = strcmp(strbuf_text(&text), words) == 0;
	strbuf_finish(&text);
	return same;
}

/* Of what is not a client who comes: there are only so many. */
static bool find_event(const char *words, struct event *event)
{
	for (unsigned kind = EVENT_COME + 1; kind < EVENT_COUNT; kind++) {
		const unsigned which_count =
			kind <= EVENT_NONSENSE ? SCHEDULE_MAX : event_which_count(kind);

		event->kind = (enum event_kind)kind;
		for (event->which = 0; event->which < which_count; event->which++)
			for (event->how = 0; event->how < event_how_count(kind); event->how++)
				if (says(event, words))
					return true;
	}
	return false;
}

/* Whether one of the words is this one. */
static bool has_word(const char *words, const char *word)
{
	const size_t length = strlen(word);

	for (const char *at = words; (at = strstr(at, word)); at += length)
		if ((at == words || at[-1] == ' ') && (!at[length] || at[length] == ' '))
			return true;
	return false;
}

/* Of a client who comes: it is put together from the words, and must say the same then. */
static bool find_wish(const char *words, struct event *event)
{
	static const enum protocol_op ops[] = {OP_UP, OP_DOWN, OP_STATUS};
	struct wish *wish = &event->wish;

	event->kind = EVENT_COME;
	wish->wait = !has_word(words, "--no-wait");
	wish->persist = has_word(words, "--persist");
	wish->probe = has_word(words, "--probe");
	wish->all_files = has_word(words, "--all-files");
	for (unsigned op = 0; op < sizeof(ops) / sizeof(*ops); op++)
		for (wish->file = 0; wish->file < NETWORK_COUNT; wish->file++) {
			const struct network *network = &networks[wish->file];

			wish->op = ops[op];
			wish->tunnels = 0;
			for (unsigned i = 0; network->tunnels[i]; i++)
				wish->tunnels |= (unsigned)has_word(words, network->tunnels[i])
						 << i;
			if (says(event, words))
				return true;
		}
	return false;
}

/* Reads "NUMBER TIME ms  WORDS". */
static bool read_line(const char *line, struct schedule *schedule)
{
	struct event event = {0};
	char *at;
	const unsigned long number = strtoul(line, &at, 10);

	event.at_ms = strtoull(at, &at, 10);
	if (number >= SCHEDULE_MAX || strncmp(at, " ms  ", strlen(" ms  ")) != 0)
		return false;
	at += strlen(" ms  ");
	if (!find_event(at, &event) && !find_wish(at, &event))
		return false;
	schedule->events[number] = event;
	return true;
}

bool case_read(const struct sim_case *one, struct schedule *ret_schedule)
{
	struct schedule schedule = {.seed = one->seed, .count = SCHEDULE_MAX};
	const char *line = one->events;
	bool good = true;

	for (unsigned i = 0; i < SCHEDULE_MAX; i++)
		schedule.events[i].dropped = true;
	while (*line && good) {
		const size_t length = strcspn(line, "\n");
		char *copy = memory_format("%.*s", (int)length, line);

		good = read_line(copy, &schedule);
		free(copy);
		line += length + (line[length] == '\n');
	}
	*ret_schedule = schedule;
	return good;
}
