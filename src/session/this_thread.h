/*
 * A number that tells the threads of this process apart, in one instruction
 * where the compiler knows the thread's register: it is asked for every message
 * that is sent.
 */
#ifndef HWI_THIS_THREAD_H
#define HWI_THIS_THREAD_H

#include <stdint.h>

#ifdef __has_builtin
#if __has_builtin(__builtin_thread_pointer)
#define HWI_THREAD_POINTER __builtin_thread_pointer()
#endif
#endif

#ifndef HWI_THREAD_POINTER
#define HWI_THREAD_MARK /* defined in commons.c */
extern _Thread_local char hwi_thread_mark;
#define HWI_THREAD_POINTER &hwi_thread_mark
#endif

/* Never 0. */
static inline uintptr_t hwi_this_thread(void)
{
    return (uintptr_t)HWI_THREAD_POINTER;
}

#endif
