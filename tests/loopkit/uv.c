/* libuv through the kit. */
#include <hawser/adapters/uv.h>
#include <hawser/loopkit.h>

static struct hws_loop *open_loop(void *user)
{
    uv_loop_t *uv = malloc(sizeof(*uv));
    (void)user;
    uv_loop_init(uv);
    return hws_uv_new(uv, NULL);
}

static uv_loop_t *uv_of(struct hws_loop *loop)
{
    return ((struct hws_uv *)(void *)loop)->uv;
}

static void close_loop(struct hws_loop *loop, void *user)
{
    uv_loop_t *uv = uv_of(loop);
    (void)user;
    hws_uv_free(loop);
    uv_run(uv, UV_RUN_DEFAULT);
    if (uv_loop_close(uv) != 0)
        abort(); /* a handle was left behind */
    free(uv);
}

/* libuv makes no turn for background watches alone: lend it a reason. */
static void turn(struct hws_loop *loop, bool wait, void *user)
{
    uv_handle_t *reason = (uv_handle_t *)&((struct hws_uv *)loop)->prepare;
    (void)user;
    uv_ref(reason);
    uv_run(uv_of(loop), wait ? UV_RUN_ONCE : UV_RUN_NOWAIT);
    uv_unref(reason);
}

static void run(struct hws_loop *loop, void *user)
{
    (void)user;
    uv_run(uv_of(loop), UV_RUN_DEFAULT);
}

int main(int argc, char **argv)
{
    const struct hws_loopkit_host host = {"libuv", open_loop, close_loop,
                                          turn,    run,       NULL};
    return hws_loopkit_main(argc, argv, &host, 1);
}
