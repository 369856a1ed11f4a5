/*
 * The one door to the environment of the process. What asks for variables is
 * given the question as an argument, so that tests answer it.
 */
#ifndef HWI_ENVIRONMENT_H
#define HWI_ENVIRONMENT_H

/* The value of a variable, or NULL. Lends: until the environment changes. */
typedef const char *hwi_environment(const char *name);

hwi_environment hwi_environment_get;

#endif
