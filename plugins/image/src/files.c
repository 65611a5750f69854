#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bounds.h"

static bool is_bad_step(const char *step, size_t size) {
    return size == 0 || (size == 1 && step[0] == '.') || (size == 2 && step[0] == '.' && step[1] == '.');
}

bh_reply *path_problem(const char *path) {
    if (path[0] != '/' || strlen(path) > MAX_PATH_BYTES) return bh_invalid("expected the path of a file, such as /photos/cat.png");
    for (const char *step = path; *step == '/';) {
        size_t size = strcspn(++step, "/");
        if (is_bad_step(step, size)) return bh_invalid("a path may hold no empty step, . or ..");
        step += size;
    }
    return NULL;
}

static bh_reply *refused(const char *path) {
    switch (errno) {
    case ENOENT:
    case ENOTDIR: return bh_not_found("there is no file at %s", path);
    case EEXIST: return bh_conflict("there is a file at %s already; say ifExists: replace to write over it", path);
    case EACCES:
    case EPERM:
    case EROFS:
#ifdef ENOTCAPABLE
    case ENOTCAPABLE: /* WASI: no granted folder holds it */
#endif
    case EBADF: return bh_denied("%s is not granted for this", path);
    case ELOOP: return bh_denied("%s is a link, which is not followed", path);
    case ENOSPC:
    case EDQUOT: return bh_failed("there is no room left for %s", path);
    default: return bh_failed("%s: %s", path, strerror(errno));
    }
}

static bh_reply *read_all(int file, const char *path, bh_bytes *contents) {
    struct stat about;
    if (fstat(file, &about) != 0) return refused(path);
    if (!S_ISREG(about.st_mode)) return bh_invalid("%s is not a file", path);
    if (about.st_size < 0 || about.st_size > MAX_FILE_BYTES) {
        return bh_failed("%s has %lld bytes, and %d is the most", path, (long long)about.st_size, MAX_FILE_BYTES);
    }
    size_t size = (size_t)about.st_size;
    uint8_t *bytes = malloc(size + 1);
    if (bytes == NULL) return bh_failed("there is no memory for %s", path);
    size_t at = 0;
    while (at < size) {
        ssize_t more = read(file, bytes + at, size - at);
        if (more < 0) return free(bytes), refused(path);
        if (more == 0) break; /* it has shrunk meanwhile */
        at += (size_t)more;
    }
    *contents = (bh_bytes){bytes, at};
    return NULL;
}

bh_reply *read_file(const char *path, bh_bytes *contents) {
    bh_reply *problem = path_problem(path);
    if (problem != NULL) return problem;
    int file = open(path, O_RDONLY | O_NOFOLLOW);
    if (file < 0) return refused(path);
    problem = read_all(file, path, contents);
    close(file);
    return problem;
}

/* Writes a file that must not exist yet; what could not be written whole is removed. */
static bh_reply *create(const char *path, bh_bytes contents) {
    int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0666);
    if (file < 0) return refused(path);
    bh_reply *problem = NULL;
    for (size_t at = 0; at < contents.size && problem == NULL;) {
        ssize_t more = write(file, contents.data + at, contents.size - at);
        if (more <= 0) {
            problem = refused(path);
        } else {
            at += (size_t)more;
        }
    }
    if (close(file) != 0 && problem == NULL) problem = refused(path);
    if (problem != NULL) unlink(path);
    return problem;
}

bh_reply *write_file(const char *path, bh_bytes contents, bool replace) {
    bh_reply *problem = path_problem(path);
    if (problem != NULL) return problem;
    if (!replace) return create(path, contents);
    const char *beside = bh_format("%s.part", path);
    problem = create(beside, contents);
    if (problem != NULL) return problem;
    if (rename(beside, path) == 0) return NULL;
    problem = refused(path);
    unlink(beside);
    return problem;
}
