/* The account wherever there is POSIX: nothing is known of a single thread. */
#include "probe/account.h"

void hwi_account_open(struct hwi_account *account)
{
    *account = (struct hwi_account){.fd = -1};
}

void hwi_account_shut(struct hwi_account *account)
{
    account->known = false;
}

struct hwi_usage hwi_account_read(const struct hwi_account *account)
{
    (void)account;
    return (struct hwi_usage){0};
}

int64_t hwi_account_wakeups(void)
{
    return -1;
}

void hwi_account_sharpen(void)
{
}
