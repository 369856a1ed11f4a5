/*
 * Certificates for tests, made afresh with libcrypto: no key is ever checked
 * in. All leaves share one private key. A client may show any of them.
 */
#ifndef TEST_CERTS_H
#define TEST_CERTS_H

#define TEST_CERTS_PATH 256
#define TEST_CERTS_PASSWORD "open sesame"

/* Paths of PEM files in `dir`. */
struct test_certs {
    char dir[TEST_CERTS_PATH];
    char ca[TEST_CERTS_PATH]; /* signs all but `rotated` */
    char ca_key[TEST_CERTS_PATH];
    char other_ca[TEST_CERTS_PATH];   /* signs `rotated` */
    char key[TEST_CERTS_PATH];        /* of every leaf */
    char locked_key[TEST_CERTS_PATH]; /* the same, behind TEST_CERTS_PASSWORD */
    /* localhost, feed.example, *.wild.example, 127.0.0.1, ::1 */
    char leaf[TEST_CERTS_PATH];
    char expired[TEST_CERTS_PATH];    /* the same names, an hour too late */
    char wrong_name[TEST_CERTS_PATH]; /* other.example */
    char rotated[TEST_CERTS_PATH];    /* as leaf, signed by `other_ca` */
    char stapled[TEST_CERTS_PATH];    /* as leaf, promises an OCSP response */
    char responder[TEST_CERTS_PATH];  /* may sign OCSP responses for `ca` */
    char chained[TEST_CERTS_PATH]; /* as leaf, and who signed it in between */
    char gap[TEST_CERTS_PATH];     /* the same, but that one has expired */
};

/* Make all of them in a new temporary directory. 0, or -1. */
int test_certs_new(struct test_certs *certs);
/* The same in a directory that exists already. */
int test_certs_make(struct test_certs *certs, const char *dir);
/* Remove the files and the directory. */
void test_certs_free(const struct test_certs *certs);

#endif
