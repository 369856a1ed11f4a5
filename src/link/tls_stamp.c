#include "link/tls_stamp.h"

#include <openssl/x509.h>
#include <sys/stat.h>

/* The time of the inode's change, not of the content's: it also moves when a
 * file is made readable, and no copy can set it back. */
static void look(struct hwi_tls_file *file, const char *path)
{
    struct stat about;
    *file = (struct hwi_tls_file){0};
    if (!path || stat(path, &about) != 0)
        return;
    file->device = about.st_dev;
    file->number = about.st_ino;
    file->size = about.st_size;
    file->changed = HWS_S(about.st_ctim.tv_sec) + about.st_ctim.tv_nsec;
}

/* Where OpenSSL looks for the system's authorities. */
static const char *either(const char *place, const char *usual)
{
    return place ? place : usual;
}

void hwi_tls_stamp_take(struct hwi_tls_stamp *stamp,
                        const struct hws_tls_options *o,
                        const char *(*environment)(const char *name))
{
    const char *file = o->verify ? o->ca_file : NULL;
    const char *path = o->verify ? o->ca_path : NULL;
    if (o->verify && !file && !path) {
        file = either(environment(X509_get_default_cert_file_env()),
                      X509_get_default_cert_file());
        path = either(environment(X509_get_default_cert_dir_env()),
                      X509_get_default_cert_dir());
    }
    look(&stamp->files[0], file);
    look(&stamp->files[1], path);
    look(&stamp->files[2], o->certificate);
    look(&stamp->files[3], o->private_key);
}

static bool same_file(const struct hwi_tls_file *a,
                      const struct hwi_tls_file *b)
{
    return a->device == b->device && a->number == b->number &&
           a->size == b->size && a->changed == b->changed;
}

bool hwi_tls_stamp_same(const struct hwi_tls_stamp *a,
                        const struct hwi_tls_stamp *b)
{
    bool same = true;
    for (int i = 0; i < HWI_TLS_FILES; i++)
        same = same && same_file(&a->files[i], &b->files[i]);
    return same;
}
