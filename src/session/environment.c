#include "session/environment.h"

#include <stdlib.h>

const char *hwi_environment_get(const char *name)
{
    return getenv(name);
}
