/* open and open64 that take `redirected(path)` for the path. */
#define OPEN(name)                                                                     \
    int name(const char *path, int flags, ...) {                                       \
        va_list list;                                                                  \
        va_start(list, flags);                                                         \
        mode_t mode = va_arg(list, mode_t);                                            \
        va_end(list);                                                                  \
        int (*real)(const char *, int, ...) =                                          \
            (int (*)(const char *, int, ...))dlsym(RTLD_NEXT, #name);                  \
        return real(redirected(path), flags, mode);                                    \
    }

OPEN(open)
OPEN(open64)
