/*
 * Make the test certificates in a directory that exists: `make_certs DIR`.
 * For tests that are not written in C.
 */
#include "support/certs.h"

#include <stdio.h>

int main(int argc, char **argv)
{
    struct test_certs certs;
    if (argc != 2) {
        fprintf(stderr, "usage: make_certs DIRECTORY\n");
        return 2;
    }
    if (test_certs_make(&certs, argv[1]) != 0) {
        fprintf(stderr, "make_certs: cannot write to '%s'\n", argv[1]);
        return 1;
    }
    printf(
        "{\"ca\": \"%s\", \"leaf\": \"%s\", \"key\": \"%s\", "
        "\"locked_key\": \"%s\", \"ca_key\": \"%s\", "
        "\"other_ca\": \"%s\", \"rotated\": \"%s\"}\n",
        certs.ca, certs.leaf, certs.key, certs.locked_key, certs.ca_key,
        certs.other_ca, certs.rotated);
    return 0;
}
