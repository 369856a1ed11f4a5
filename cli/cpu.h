/*
 * Seconds of processor time, user and system, used so far.
 */
#ifndef CLI_CPU_H
#define CLI_CPU_H

double cpu_of_process(void);
/* Of the calling thread; of the process where threads are not told apart. */
double cpu_of_thread(void);

#endif
