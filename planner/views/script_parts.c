#include "planner/views/script_parts.h"

/*
 * An ssh that says "up" when it takes requests, and does nothing else, whatever the user's ssh_config
 * adds. Of an option that is given twice the first counts: a host's own stand between these two.
 */
#define MASTER_FIRST                                           \
	"-o ControlPersist=no -o ClearAllForwardings=yes \\\n" \
	"\t\t-o RemoteCommand=none -o PermitLocalCommand=yes -o 'LocalCommand=echo up' \\\n\t\t"
#define MASTER_LAST " \\\n\t\t-o ServerAliveInterval=15 -o ServerAliveCountMax=3"

static const char clean_up[] =
	"set -eu\n"
	"SHELL=/bin/sh # by which ssh runs what it has to run here\n"
	"export SHELL\n"
	"directory='' processes='' sockets='' failed='' ending=''\n"
	"\n"
	"# clean_up STATUS: ends each process before those that carry it, and leaves nothing.\n"
	"# Every trap comes here: a signal that meets another one finds it done, or does it.\n"
	"clean_up() {\n"
	"\t[ -z \"$ending\" ] || return 0\n"
	"\tending=yes\n"
	"\ttrap '' HUP INT TERM USR1\n"
	"\ttrap - EXIT\n"
	"\tstatus=$1\n"
	"\tfor process in $processes; do\n"
	"\t\t[ \"$process\" != \"$failed\" ] || continue\n"
	"\t\tkill \"$process\" 2>/dev/null || continue\n"
	"\t\twait \"$process\" || :\n"
	"\tdone\n"
	"\t[ -z \"$failed\" ] || wait \"$failed\" || status=$?\n"
	"\twait\n"
	"\tfor socket in $sockets; do\n"
	"\t\trm -f \"$socket\"\n"
	"\tdone\n"
	"\tcd /\n"
	"\t[ -z \"$directory\" ] || rm -rf \"$directory\"\n"
	"\techo \"$tunnel is down\" >&2\n"
	"\texit \"$status\"\n"
	"}\n";

static const char start[] =
	"\n"
	"# pipe: opens both its ends, 8 to read and 9 to write. Neither waits for the other.\n"
	"pipe() {\n"
	"\tmkfifo pipe\n"
	"\texec 7<>pipe\n"
	"\texec 8<pipe\n"
	"\texec 9>pipe 7<&-\n"
	"\trm pipe\n"
	"}\n"
	"\n"
	"# watch HOST PROCESS: says what an ssh says, and when it ends, all ends.\n"
	"watch() {\n"
	"\treturn=$(printf '\\r')\n"
	"\twhile IFS= read -r line; do\n"
	"\t\tprintf '%s: %s\\n' \"$1\" \"${line%\"$return\"}\" >&2\n"
	"\tdone\n"
	"\techo \"$2\" >>ended\n"
	"\tkill -s USR1 \"$$\"\n"
	"}\n"
	"\n"
	"# start HOST COMMAND...: runs it in the background, and returns once it has said \"up\".\n"
	"start() {\n"
	"\thost=$1\n"
	"\tshift\n"
	"\tpipe\n"
	"\texec 5<&8 6>&9\n"
	"\tpipe\n"
	"\t\"$@\" <&3 >&9 2>&6 &\n"
	"\tprocess=$!\n"
	"\tprocesses=\"$process $processes\"\n"
	"\t{\n"
	"\t\texec 6>&- 9>&- # or it never sees the end\n"
	"\t\twatch \"$host\" \"$process\"\n"
	"\t} <&5 &\n"
	"\tgrep -qx up <&8 5<&- 6>&- 9>&- &\n"
	"\texec 5<&- 6>&- 8<&- 9>&-\n"
	"\twait \"$!\" || failed=$process\n"
	"\t[ -z \"$failed\" ] || exit 1\n"
	"}\n";

static const char ask[] =
	"\n"
	"# master HOP HOST SSH-ARGUMENT...: logs in to a host, to carry what it will be asked "
	"for.\n"
	"master() {\n"
	"\thop=$1 host=$2\n"
	"\tshift 2\n"
	"\tstart \"$host\" ssh -N -M -S \"$hop\" " MASTER_FIRST "\"$@\"" MASTER_LAST "\n"
	"}\n"
	"\n"
	"# forward HOP -L|-R|-D FORWARD: asks its master for it.\n"
	"forward() {\n"
	"\thop=$1\n"
	"\tshift\n"
	"\tssh -F none -S \"$hop\" -O forward \"$@\" . &\n"
	"\twait \"$!\" || exit\n"
	"}\n";

static const char session[] =
	"\n"
	"# session HOP HOST COMMAND: runs it there; it reads the program here, and no end while it "
	"is watched.\n"
	"session() {\n"
	"\tpipe\n"
	"\texec 3<&8 4>&9 8<&- 9>&-\n"
	"\tcat >&4\n"
	"\tstart \"$2\" ssh -F none -S \"$1\" -o ProxyCommand=false -T \"$2\" \"$3\"\n"
	"\texec 3</dev/null 4>&-\n"
	"}\n";

static const char begin[] = "\n"
			    "trap 'clean_up \"$?\"' EXIT\n"
			    "trap 'clean_up 129' HUP\n"
			    "trap 'clean_up 130' INT\n"
			    "trap 'clean_up 143' TERM\n"
			    "trap '[ -n \"$ending\" ] || read -r failed <ended; clean_up 1' USR1\n"
			    "directory=$(mktemp -d)\n"
			    "cd \"$directory\"\n"
			    "directory=$(pwd)\n"
			    "exec 3</dev/null\n"
			    "\n";

/* On another host: a master and its forwards, until the end of what it reads. */
static const char program[] =
	"<<'END'\n"
	"main() {\n"
	"\tSHELL=/bin/sh\n"
	"\texport SHELL\n"
	"\texec 3<&0\n"
	"\tdirectory=$(mktemp -d) && cd \"$directory\" && mkfifo ready || exit\n"
	"\tssh -N -M -S hop " MASTER_FIRST "%s" MASTER_LAST " \\\n"
	"\t\t-o BatchMode=yes >ready 3<&- &\n"
	"\tprocess=$!\n"
	"\t{ cat <&3; kill \"$process\"; } >/dev/null 2>&1 &\n"
	"\tstatus=0\n"
	"\tif grep -qx up ready && ssh -F none -S hop -O forward %s .; then\n"
	"\t\techo up\n"
	"\telse\n"
	"\t\tstatus=255\n"
	"\t\tkill \"$process\" 2>/dev/null\n"
	"\tfi\n"
	"\twait \"$process\" || status=$?\n"
	"\tcd / && rm -rf \"$directory\"\n"
	"\texit \"$status\"\n"
	"}\n"
	"main\n"
	"END\n";

void script_part_functions(struct strbuf *text)
{
	strbuf_puts(text, clean_up);
	strbuf_puts(text, start);
	strbuf_puts(text, ask);
}

void script_part_session(struct strbuf *text)
{
	strbuf_puts(text, session);
}

void script_part_begin(struct strbuf *text)
{
	strbuf_puts(text, begin);
}

void script_part_program(const char *login, const char *forwards, struct strbuf *text)
{
	strbuf_printf(text, program, login, forwards);
}
