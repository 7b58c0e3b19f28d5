/* Process identities: pid and start time. */
#include "exec/lab/kernel/process_id.h"

#include <criterion/criterion.h>
#include <sys/wait.h>
#include <unistd.h>

Test(lab_process_id, a_process_is_its_pid_and_its_start)
{
	struct lab_process_id self = lab_process_id_find(getpid());

	cr_expect(lab_process_id_alive(&self));
	cr_expect(lab_process_id_age_s(&self) >= 0 && lab_process_id_age_s(&self) < 60);
	self.start++;
	cr_expect(!lab_process_id_alive(&self));
}

Test(lab_process_id, an_ended_process_is_gone_before_it_is_waited_for)
{
	struct lab_process_id child;
	siginfo_t info;
	pid_t pid = fork();

	if (pid == 0)
		pause();
	child = lab_process_id_find(pid);
	cr_expect(lab_process_id_alive(&child));
	kill(pid, SIGKILL);
	waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT);
	cr_expect(!lab_process_id_alive(&child));
	waitpid(pid, NULL, 0);
	cr_expect(!lab_process_id_alive(&child));
}

Test(lab_process_id, no_pid_is_no_process)
{
	struct lab_process_id none = {0};

	cr_expect(!lab_process_id_alive(&none));
}
