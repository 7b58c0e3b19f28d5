/*
 * Holder: a process that hands its stdin and stdout to a master, which connects them to something beyond its tunnel
 * host. As the ProxyCommand of hop N+1's ssh it carries that hop through hop N:
 *
 *     tunplan --holder SOCKET ADDRESS PORT             to a port that the tunnel host dials
 *     tunplan --holder --run SOCKET WORD...            to a program that the tunnel host runs, stderr as well
 *     tunplan --holder --feed OWN SOCKET WORD...       the same, for the ssh of a stitched piece (session.sh)
 *
 * It asks the master on SOCKET, passes its descriptors, and waits until the master says that it is over. It is a
 * process of its own so that a chain survives the supervisor, and it has no other way to connect,
 * so that nothing ever falls back to a direct connection.
 *
 * A program that is fed reads what the holder reads, and from then on a line every 15 s, also when there is
 * nothing more to read, because who started the holder is gone. At TERM it reads the end, and the holder waits
 * for its end. As long as the holder lives it listens on OWN, where the kernel says who it is. When who started it is gone,
 * the next one who connects there is who it reads from, and who is told the exit status of the program, as a line.
 *
 * The words are joined with blanks and read by the user's shell there, as those of ssh are. There is no tty.
 */
#ifndef TUNPLAN_EXEC_SSH_HOLDER_H
#define TUNPLAN_EXEC_SSH_HOLDER_H

/* What its line has, on the stderr of its ssh: the master refused a dial; or was not there, or did not answer. */
#define HOLDER_REFUSED "cannot dial through the hop before"
#define HOLDER_UNHEARD "the ssh of the hop before cannot be asked"

/*
 * Runs the role; argv[0] is "--holder". Returns the exit status of the program; 255 where there is none, after
 * one line on stderr if it was refused.
 */
int holder_main(int argc, char **argv);

#endif
