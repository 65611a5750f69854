//! The fixture of the protocol's conformance suite.

mod content;
mod media;
mod page;
mod prompt;
mod question;
mod report;
mod resource;
mod round;
mod schema;
mod task;

use bulkhead_sdk::plugin;

pub use content::*;
pub use page::*;
pub use prompt::*;
pub use question::*;
pub use report::*;
pub use resource::*;
pub use round::*;
pub use schema::*;
pub use task::*;

plugin! {
    tools: [
        test_simple_text,
        test_image_content,
        test_audio_content,
        test_embedded_resource,
        test_multiple_content_types,
        test_error_handling,
        test_tool_with_progress,
        test_tool_with_logging,
        test_logging_tool,
        test_reconnection,
        test_trigger_tool_change,
        test_trigger_prompt_change,
        test_dynamic_tool,
        test_sampling,
        test_elicitation,
        test_elicitation_sep1034_defaults,
        test_elicitation_sep1330_enums,
        test_missing_capability,
        test_streaming_elicitation,
        json_schema_2020_12_tool,
        test_custom_header,
        test_input_required_result_elicitation,
        test_input_required_result_sampling,
        test_input_required_result_list_roots,
        test_input_required_result_request_state,
        test_input_required_result_multiple_inputs,
        test_input_required_result_multi_round,
        test_input_required_result_tampered_state,
        test_input_required_result_capabilities,
        greet,
        slow_compute,
        failing_job,
        protocol_error_job,
        confirm_delete,
        multi_input,
        test_tool_with_task,
        add_up,
    ],
    prompts: [
        test_simple_prompt,
        test_prompt_with_arguments,
        test_prompt_with_embedded_resource,
        test_prompt_with_image,
        test_input_required_result_prompt,
        test_dynamic_prompt,
    ],
    resources: [static_text, static_binary, watched_resource, embedded_resource, mixed_content_resource, sum_page],
    templates: [template_data],
    completions: [prompt_places, template_ids],
    skills: "skills",
    std: stderr,
}
