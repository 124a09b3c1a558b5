//! One case for callgrind: `instructions build select ours`, `instructions decode plain serde_json`.

use std::process::ExitCode;

use supabase_benches::{Collected, build, decode};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [group, case, who] = arguments.as_slice() else {
        eprintln!("instructions GROUP CASE CLIENT");
        return ExitCode::FAILURE;
    };
    let done = match group.as_str() {
        "build" => {
            let case = build::Case::ALL.into_iter().find(|known| known.name() == case);
            let who = build::Who::ALL.into_iter().find(|known| known.name() == who);
            case.zip(who).map(|(case, who)| {
                build::run(case, who, &mut Collected);
            })
        }
        "decode" => {
            let case = decode::Case::ALL.into_iter().find(|known| known.name() == case);
            let who = decode::Who::ALL.into_iter().find(|known| known.name() == who);
            case.zip(who).map(|(case, who)| {
                decode::run(case, who, &mut Collected);
            })
        }
        _ => None,
    };
    if done.is_none() {
        eprintln!("there is no such case: {}", arguments.join(" "));
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
