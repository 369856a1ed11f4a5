/* The intrusive ring. */
#include "support/test.h"

#include "base/list.h"

struct item {
    int value;
    struct hwi_list link;
};

static int take(struct hwi_list *head)
{
    struct hwi_list *l = hwi_list_take(head);
    return l ? hwi_container(l, struct item, link)->value : -1;
}

TEST(items_leave_in_the_order_they_came)
{
    struct hwi_list head;
    struct item a = {.value = 1}, b = {.value = 2};
    hwi_list_init(&head);
    assert_true(hwi_list_empty(&head));
    hwi_list_push(&head, &a.link);
    hwi_list_push(&head, &b.link);
    assert_false(hwi_list_empty(&head));
    assert_int_equal(take(&head), 1);
    assert_int_equal(take(&head), 2);
    assert_int_equal(take(&head), -1);
}

TEST(removing_twice_does_no_harm)
{
    struct hwi_list head;
    struct item a = {.value = 1}, b = {.value = 2};
    hwi_list_init(&head);
    hwi_list_push(&head, &a.link);
    hwi_list_push(&head, &b.link);
    hwi_list_remove(&a.link);
    hwi_list_remove(&a.link);
    assert_int_equal(take(&head), 2);
    assert_true(hwi_list_empty(&head));
}

TEST(splice_moves_all_to_the_end)
{
    struct hwi_list to, from;
    struct item a = {.value = 1}, b = {.value = 2}, c = {.value = 3};
    hwi_list_init(&to);
    hwi_list_init(&from);
    hwi_list_push(&to, &a.link);
    hwi_list_push(&from, &b.link);
    hwi_list_push(&from, &c.link);
    hwi_list_splice(&to, &from);
    assert_true(hwi_list_empty(&from));
    hwi_list_splice(&to, &from);
    assert_int_equal(take(&to), 1);
    assert_int_equal(take(&to), 2);
    assert_int_equal(take(&to), 3);
    assert_int_equal(take(&to), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUN(items_leave_in_the_order_they_came),
        RUN(removing_twice_does_no_harm),
        RUN(splice_moves_all_to_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
