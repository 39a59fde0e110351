int shop_has_engine(void);

int main(void) { return shop_has_engine() ? 0 : 1; }
