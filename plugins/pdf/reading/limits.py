"""What one call may cost. Each bound names what a hostile file would do without it."""

from pypdf import Configuration

MIB = 1 << 20

# A file that would fill memory before anything is known of it.
MAX_FILE_BYTES = 64 * MIB
# Streams that decompress to thousands of times their size.
MAX_STREAM_BYTES = 8 * MIB
# Filters around filters, each of which decompresses.
MAX_DECODED_BYTES = 32 * MIB
# Content that draws nothing, millions of times.
MAX_OPERATIONS = 150_000
# Trees of pages and outlines that have no end, or one page a million times.
MAX_PAGES = 10_000
MAX_OUTLINE_ENTRIES = 2_000
MAX_DEPTH = 50
# Objects that are nothing but a list.
MAX_ELEMENTS = 50_000
# Forms that draw one another.
MAX_FORMS = 500
# Work that is never over: what is left is named in the answer, to be asked for again.
MAX_SECONDS = 12.0

# What a model can read at once.
MAX_CHARACTERS = 100_000
DEFAULT_CHARACTERS = 20_000
MAX_MATCHES = 100
DEFAULT_MATCHES = 20
# What stands around a match, each side.
AROUND_CHARACTERS = 100
MAX_QUERY_CHARACTERS = 500
MAX_METADATA_CHARACTERS = 1_000

CONFIGURATION = Configuration(
    maximum_declared_stream_length=MAX_FILE_BYTES,
    array_based_stream_maximum_output_length=MAX_STREAM_BYTES,
    array_maximum_element_count=MAX_ELEMENTS,
    dictionary_maximum_element_count=MAX_ELEMENTS,
    jbig2_maximum_output_length=MAX_STREAM_BYTES,
    lzw_maximum_output_length=MAX_STREAM_BYTES,
    run_length_maximum_output_length=MAX_STREAM_BYTES,
    zlib_maximum_output_length=MAX_STREAM_BYTES,
    zlib_maximum_recovery_input_length=MIB,
    brotli_maximum_output_length=MAX_STREAM_BYTES,
    image_maximum_buffer_size=MAX_STREAM_BYTES,
    stream_filters_maximum_length=4,
    stream_decoding_work_maximum_length=MAX_DECODED_BYTES,
    stream_parsing_work_maximum_count=MAX_OPERATIONS,
    outline_maximum_entries=MAX_OUTLINE_ENTRIES,
    outline_maximum_depth=MAX_DEPTH,
    page_tree_maximum_entries=MAX_PAGES,
    page_tree_maximum_depth=MAX_DEPTH,
    page_tree_maximum_page_entries=40 * MAX_PAGES,
    named_destinations_maximum_entries=MAX_OUTLINE_ENTRIES,
    named_destinations_maximum_depth=MAX_DEPTH,
    xform_maximum_invocations_per_extraction=MAX_FORMS,
    jbig2dec_binary=None,
    disable_legacy_handling=True,
)
