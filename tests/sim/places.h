/* Places: at which places of its files this machine is in the simulated world, by its address; and how that is found out. */
#ifndef TUNPLAN_TESTS_SIM_PLACES_H
#define TUNPLAN_TESTS_SIM_PLACES_H

/* Returns the name of the one place where it is now. */
const char *places_here(void);

#endif
