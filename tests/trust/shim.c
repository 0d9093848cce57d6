/* A library for LD_PRELOAD that stands between a process and the system calls on the files of one directory.

   It counts them and, at a chosen one, kills the process (before the call, after it, or when half of a write is done) or lets
   the call fail with a chosen error (once, or from then on). It can also record each call with its data. Other files, and
   calls before trust_arm(), are left alone. trust/shim.py compiles it and talks to it. */

#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { COUNT, KILL_BEFORE, KILL_AFTER, KILL_MIDDLE, FAIL_ONCE, FAIL_ON };
enum { GO, FAIL, HALF };
enum { CHANGES = 1, WRITES = 2 };

static char root[PATH_MAX];
static size_t root_length;
static int armed, mode, error_number, with_reads, log_fd = -1;
static long count, target;

void trust_arm(const char *directory, int how, long at, int error, int reads, int log) {
    strncpy(root, directory, sizeof root - 1);
    root_length = strlen(root);
    mode = how, target = at, error_number = error, with_reads = reads, log_fd = log;
    count = 0;
    armed = 1;
}

long trust_disarm(void) {
    armed = 0;
    return count;
}

long trust_count(void) { return count; }

static void raw_write(const void *data, size_t size) {
    while (size) {
        long done = syscall(SYS_write, log_fd, data, size);
        if (done <= 0) return;
        data = (const char *)data + done, size -= done;
    }
}

/* One line: name, result, inode of the file, of the directory of its name, path, second path, offset, bytes; then the bytes. */
static void note(const char *name, long result, const char *path, const char *other, long offset, size_t size, const void *data) {
    if (log_fd < 0) return;
    int kept = errno;
    struct stat there = {0};
    const char *now = other && *other ? other : path;
    if (syscall(SYS_newfstatat, AT_FDCWD, now, &there, AT_SYMLINK_NOFOLLOW)) there.st_ino = 0;
    char line[3 * PATH_MAX];
    int length = snprintf(line, sizeof line, "%s\t%ld\t%lu\t%s\t%s\t%ld\t%zu\n", name, result, (unsigned long)there.st_ino, path,
                          other ? other : "", offset, data ? size : 0);
    raw_write(line, length);
    if (data) raw_write(data, size);
    errno = kept;
}

void trust_mark(const char *text) {
    if (armed) note(text, 0, "", "", 0, 0, NULL);
}

static int inside(const char *path) {
    return !strncmp(path, root, root_length) && (path[root_length] == '/' || !path[root_length]);
}

static int of_fd(int fd, char *found) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    long length = syscall(SYS_readlinkat, AT_FDCWD, link, found, PATH_MAX - 1);
    if (length < 0) return 0;
    found[length] = 0;
    return inside(found);
}

static int watched_fd(int fd, char *found) {
    if (!armed) return 0;
    int kept = errno, is = of_fd(fd, found);
    errno = kept;
    return is;
}

static int watched(int dirfd, const char *path, char *found) {
    if (!armed || !path) return 0;
    int kept = errno;
    if (*path == '/') snprintf(found, PATH_MAX, "%s", path);
    else {
        char base[PATH_MAX] = "";
        if (dirfd == AT_FDCWD) { if (syscall(SYS_getcwd, base, sizeof base) < 0) *base = 0; }
        else of_fd(dirfd, base);
        snprintf(found, PATH_MAX, "%.2000s/%.2000s", base, path);
    }
    errno = kept;
    return inside(found);
}

static void die(void) {
    syscall(SYS_kill, syscall(SYS_getpid), SIGKILL);
    for (;;) pause();
}

static int before(int kind) {
    if (!kind && !with_reads) return GO;
    long number = count++;
    if (number == target) {
        if (mode == KILL_BEFORE) die();
        if (mode == KILL_MIDDLE) { if (kind & WRITES) return HALF; die(); }
    }
    if ((mode == FAIL_ONCE && number == target) || (mode == FAIL_ON && number >= target)) {
        errno = error_number;
        return FAIL;
    }
    return GO;
}

static void after(int kind) {
    if ((kind || with_reads) && mode == KILL_AFTER && count - 1 == target) die();
}

#define REAL(name) static __typeof__(&name) real; if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

/* Calls on a path. */
#define ON_PATH(name, at, path, kind, failed, call) \
    REAL(name); char found[PATH_MAX]; \
    if (!watched(at, path, found)) return call; \
    if (before(kind) == FAIL) { if (kind) note(#name, -1, found, "", 0, 0, NULL); else note("." #name, -1, found, "", 0, 0, NULL); return failed; } \
    __typeof__(call) result = call; \
    note(kind ? #name : "." #name, (long)result, found, "", 0, 0, NULL); after(kind); return result

#define ON_FD(name, fd, kind, failed, call) \
    REAL(name); char found[PATH_MAX]; \
    if (!watched_fd(fd, found)) return call; \
    if (before(kind) == FAIL) return failed; \
    __typeof__(call) result = call; \
    note(kind ? #name : "." #name, (long)result, found, "", 0, 0, NULL); after(kind); return result

#define MAKES(flags) ((flags) & (O_CREAT | O_TRUNC) ? CHANGES : 0)
#define MODE mode_t bits = 0; if (flags & (O_CREAT | O_TMPFILE)) { va_list list; va_start(list, flags); bits = va_arg(list, mode_t); va_end(list); }

int open(const char *path, int flags, ...) { MODE; ON_PATH(open, AT_FDCWD, path, MAKES(flags), -1, real(path, flags, bits)); }
int open64(const char *path, int flags, ...) { MODE; ON_PATH(open64, AT_FDCWD, path, MAKES(flags), -1, real(path, flags, bits)); }
int openat(int at, const char *path, int flags, ...) { MODE; ON_PATH(openat, at, path, MAKES(flags), -1, real(at, path, flags, bits)); }
int openat64(int at, const char *path, int flags, ...) { MODE; ON_PATH(openat64, at, path, MAKES(flags), -1, real(at, path, flags, bits)); }
int mkdir(const char *path, mode_t bits) { ON_PATH(mkdir, AT_FDCWD, path, CHANGES, -1, real(path, bits)); }
int mkdirat(int at, const char *path, mode_t bits) { ON_PATH(mkdirat, at, path, CHANGES, -1, real(at, path, bits)); }
int rmdir(const char *path) { ON_PATH(rmdir, AT_FDCWD, path, CHANGES, -1, real(path)); }
int unlink(const char *path) { ON_PATH(unlink, AT_FDCWD, path, CHANGES, -1, real(path)); }
int unlinkat(int at, const char *path, int flags) { ON_PATH(unlinkat, at, path, CHANGES, -1, real(at, path, flags)); }
int truncate(const char *path, off_t size) { ON_PATH(truncate, AT_FDCWD, path, CHANGES, -1, real(path, size)); }
int chmod(const char *path, mode_t bits) { ON_PATH(chmod, AT_FDCWD, path, CHANGES, -1, real(path, bits)); }
int fchmodat(int at, const char *path, mode_t bits, int flags) { ON_PATH(fchmodat, at, path, CHANGES, -1, real(at, path, bits, flags)); }
int symlink(const char *to, const char *path) { ON_PATH(symlink, AT_FDCWD, path, CHANGES, -1, real(to, path)); }
int fchmod(int fd, mode_t bits) { ON_FD(fchmod, fd, CHANGES, -1, real(fd, bits)); }
int fsync(int fd) { ON_FD(fsync, fd, CHANGES, -1, real(fd)); }
int fdatasync(int fd) { ON_FD(fdatasync, fd, CHANGES, -1, real(fd)); }

int stat(const char *path, struct stat *to) { ON_PATH(stat, AT_FDCWD, path, 0, -1, real(path, to)); }
int stat64(const char *path, struct stat64 *to) { ON_PATH(stat64, AT_FDCWD, path, 0, -1, real(path, to)); }
int lstat(const char *path, struct stat *to) { ON_PATH(lstat, AT_FDCWD, path, 0, -1, real(path, to)); }
int lstat64(const char *path, struct stat64 *to) { ON_PATH(lstat64, AT_FDCWD, path, 0, -1, real(path, to)); }
int fstatat(int at, const char *path, struct stat *to, int flags) { ON_PATH(fstatat, at, path, 0, -1, real(at, path, to, flags)); }
int fstatat64(int at, const char *path, struct stat64 *to, int flags) { ON_PATH(fstatat64, at, path, 0, -1, real(at, path, to, flags)); }
int access(const char *path, int how) { ON_PATH(access, AT_FDCWD, path, 0, -1, real(path, how)); }
DIR *opendir(const char *path) { ON_PATH(opendir, AT_FDCWD, path, 0, NULL, real(path)); }
int fstat(int fd, struct stat *to) { ON_FD(fstat, fd, 0, -1, real(fd, to)); }
int fstat64(int fd, struct stat64 *to) { ON_FD(fstat64, fd, 0, -1, real(fd, to)); }
ssize_t read(int fd, void *to, size_t size) { ON_FD(read, fd, 0, -1, real(fd, to, size)); }
ssize_t pread(int fd, void *to, size_t size, off_t from) { ON_FD(pread, fd, 0, -1, real(fd, to, size, from)); }
ssize_t pread64(int fd, void *to, size_t size, off64_t from) { ON_FD(pread64, fd, 0, -1, real(fd, to, size, from)); }
DIR *fdopendir(int fd) { ON_FD(fdopendir, fd, 0, NULL, real(fd)); }
struct dirent *readdir(DIR *dir) { ON_FD(readdir, dirfd(dir), 0, NULL, real(dir)); }
struct dirent64 *readdir64(DIR *dir) { ON_FD(readdir64, dirfd(dir), 0, NULL, real(dir)); }
int flock(int fd, int how) { ON_FD(flock, fd, 0, -1, real(fd, how)); }
void *mmap(void *at, size_t size, int may, int flags, int fd, off_t from) { if (fd < 0 || !armed) return (void *)syscall(SYS_mmap, at, size, may, flags, fd, from); ON_FD(mmap, fd, 0, MAP_FAILED, real(at, size, may, flags, fd, from)); }
void *mmap64(void *at, size_t size, int may, int flags, int fd, off64_t from) { if (fd < 0 || !armed) return (void *)syscall(SYS_mmap, at, size, may, flags, fd, from); ON_FD(mmap64, fd, 0, MAP_FAILED, real(at, size, may, flags, fd, from)); }
int dup(int fd) { ON_FD(dup, fd, 0, -1, real(fd)); }

int fcntl64(int fd, int what, ...) {
    va_list list; va_start(list, what); void *value = va_arg(list, void *); va_end(list);
    REAL(fcntl64); char found[PATH_MAX];
    if (what == F_DUPFD_CLOEXEC && watched_fd(fd, found)) {
        if (before(0) == FAIL) return -1;
        note(".fcntl", 0, found, "", 0, 0, NULL);
    }
    return real(fd, what, value);
}
int fcntl(int fd, int what, ...) {
    va_list list; va_start(list, what); void *value = va_arg(list, void *); va_end(list);
    return fcntl64(fd, what, value);
}

/* Calls that name two files. */
#define ON_TWO(name, at, path, at2, path2, call) \
    REAL(name); char found[PATH_MAX], other[PATH_MAX]; \
    if (!watched(at2, path2, other) | !watched(at, path, found)) return call; \
    if (before(CHANGES) == FAIL) { note(#name, -1, found, other, 0, 0, NULL); return -1; } \
    int result = call; note(#name, result, found, other, 0, 0, NULL); after(CHANGES); return result

int rename(const char *from, const char *to) { ON_TWO(rename, AT_FDCWD, from, AT_FDCWD, to, real(from, to)); }
int renameat(int at, const char *from, int at2, const char *to) { ON_TWO(renameat, at, from, at2, to, real(at, from, at2, to)); }
int link(const char *from, const char *to) { ON_TWO(link, AT_FDCWD, from, AT_FDCWD, to, real(from, to)); }
int linkat(int at, const char *from, int at2, const char *to, int flags) { ON_TWO(linkat, at, from, at2, to, real(at, from, at2, to, flags)); }

/* Calls that write. Half of one is a legal end of it, too. */
#define WRITE(name, fd, data, size, offset, call, half) \
    REAL(name); char found[PATH_MAX]; \
    if (!watched_fd(fd, found)) return call; \
    long place = offset; int what = before(CHANGES | WRITES); \
    if (what == FAIL) { note(#name, -1, found, "", 0, 0, NULL); return -1; } \
    if (what == HALF) { half; die(); } \
    ssize_t result = call; \
    note(#name, result, found, "", place, result > 0 ? result : 0, data); after(CHANGES); return result

ssize_t write(int fd, const void *data, size_t size) { WRITE(write, fd, data, size, lseek(fd, 0, SEEK_CUR), real(fd, data, size), real(fd, data, size / 2)); }
ssize_t pwrite(int fd, const void *data, size_t size, off_t to) { WRITE(pwrite, fd, data, size, to, real(fd, data, size, to), real(fd, data, size / 2, to)); }
ssize_t pwrite64(int fd, const void *data, size_t size, off64_t to) { WRITE(pwrite64, fd, data, size, to, real(fd, data, size, to), real(fd, data, size / 2, to)); }

/* `place` is the size that the file gets. */
#define CUT(name) int name(int fd, off_t size) { \
    REAL(name); char found[PATH_MAX]; \
    if (!watched_fd(fd, found)) return real(fd, size); \
    if (before(CHANGES) == FAIL) { note(#name, -1, found, "", 0, 0, NULL); return -1; } \
    int result = real(fd, size); note(#name, result, found, "", size, 0, NULL); after(CHANGES); return result; }
CUT(ftruncate)
CUT(ftruncate64)

/* Not recorded with data: nothing but a file system without links leads here. A recording that meets it is refused. */
ssize_t sendfile(int to, int from, off_t *place, size_t size) { ON_FD(sendfile, to, CHANGES, -1, real(to, from, place, size)); }
ssize_t sendfile64(int to, int from, off64_t *place, size_t size) { ON_FD(sendfile64, to, CHANGES, -1, real(to, from, place, size)); }
ssize_t copy_file_range(int from, off64_t *a, int to, off64_t *b, size_t size, unsigned flags) { ON_FD(copy_file_range, to, CHANGES, -1, real(from, a, to, b, size, flags)); }
ssize_t writev(int fd, const struct iovec *parts, int number) { ON_FD(writev, fd, CHANGES, -1, real(fd, parts, number)); }
