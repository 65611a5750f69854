/* How much one call reads, decodes and answers. Each limit answers "a picture that is larger than a call". */
#ifndef IMAGE_BOUNDS_H
#define IMAGE_BOUNDS_H

enum {
    /* Longest path, in bytes. */
    MAX_PATH_BYTES = 4096,
    /* Largest file that is read. */
    MAX_FILE_BYTES = 16 * 1024 * 1024,
    /* Longest side of a picture. */
    MAX_SIDE = 16384,
    /* Most bytes that the samples of a decoded picture take: 16 megapixels of four 8-bit samples. A decoder holds them
     * up to three times. */
    MAX_DECODED_BYTES = 64 * 1024 * 1024,
    /* Longest side of a thumbnail. */
    MAX_THUMBNAIL_SIDE = 512,
    /* Most bytes of a thumbnail. In base64 it still fits the answer of a plugin with default limits. */
    MAX_THUMBNAIL_BYTES = 512 * 1024,
};

#endif
