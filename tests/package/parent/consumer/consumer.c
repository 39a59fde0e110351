#include <shop.h>

int main(void) { return shop_has_engine() ? 0 : 1; }
