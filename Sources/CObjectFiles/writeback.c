#define _GNU_SOURCE
#include "include/CObjectFiles.h"

#include <fcntl.h>

void cobjectfiles_begin_writeback(int descriptor, int64_t offset, int64_t length) {
#ifdef SYNC_FILE_RANGE_WRITE
    sync_file_range(descriptor, offset, length, SYNC_FILE_RANGE_WRITE);
#else
    (void)descriptor, (void)offset, (void)length;
#endif
}
