#include "bulkhead_test.h"

static void greets(void) {
    BH_EXPECT_TEXT(bh_test_tool("greet", BH_JSON({"name": "Ada"})).text, "Hello, Ada.");
}

static void tells_its_contract(void) {
    BH_EXPECT_INT((int64_t)bh_count(bh_get(bh_test_contract(), "tools")), 1);
}

BH_TESTS(BH_TEST(greets), BH_TEST(tells_its_contract))
