/* The shop's library: whether the engine that is in it answers. */
int shop_has_engine(void);
