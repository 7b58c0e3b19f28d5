/*
 * Library memory: makes jansson and libuv take their memory from memory.h, too.
 *
 * So none of their functions fails for lack of memory, and their callers check only for other
 * errors: an invalid text, a system call that failed.
 */
#ifndef TUNPLAN_EXEC_SYSTEM_LIBRARY_MEMORY_H
#define TUNPLAN_EXEC_SYSTEM_LIBRARY_MEMORY_H

/* To be called once, before anything of either library. */
void library_memory_init(void);

#endif
