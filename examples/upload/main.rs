//! Uploads a folder into a bucket with progress bars. It can be stopped and started again at any time: a large file goes
//! on where it was, since the state of its upload is kept in `<folder>/.uploads`, and a file whose object has its length
//! and its time of change is not sent again.
//!
//! `SUPABASE_URL=… SUPABASE_KEY=… cargo run -p supabase-examples --bin upload -- <folder> <bucket>`

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::UNIX_EPOCH;

use futures_util::StreamExt;
use indicatif::{HumanBytes, MultiProgress, ProgressBar, ProgressStyle};
use serde_json::json;
use supabase_core::storage::{Bucket, Upload, UploadState};
use supabase_core::{Client, ErrorKind};

const AT_ONCE: usize = 4;
const STATES: &str = ".uploads";

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(code) => code,
        Err(why) => {
            eprintln!("upload: {why}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<ExitCode> {
    let mut arguments = std::env::args().skip(1);
    let (Some(folder), Some(bucket)) = (arguments.next(), arguments.next()) else {
        return Err("usage: upload <folder> <bucket>".into());
    };
    let setting = |name: &str| std::env::var(name).map_err(|_| format!("set {name}"));
    let folder = PathBuf::from(folder);
    let bucket = Client::new(&setting("SUPABASE_URL")?, &setting("SUPABASE_KEY")?)?.storage().from(bucket);

    let mut files = Vec::new();
    find(&folder, &mut files)?;
    files.sort();
    let bars = MultiProgress::new();
    let (mut sent, mut bytes, mut unchanged, mut failed) = (0, 0, 0, Vec::new());
    let mut results = futures_util::stream::iter(&files)
        .map(|file| {
            let (folder, bucket, bars) = (&folder, &bucket, &bars);
            async move { (file, upload(bucket, folder, file, bars).await) }
        })
        .buffer_unordered(AT_ONCE);
    while let Some((file, result)) = results.next().await {
        match result {
            Ok(Some(size)) => (sent, bytes) = (sent + 1, bytes + size),
            Ok(None) => unchanged += 1,
            Err(why) => failed.push(format!("{}: {why}", file.display())),
        }
    }
    // The folder of states stays where one is left.
    let _ = std::fs::remove_dir(folder.join(STATES));
    println!("{sent} files sent ({}), {unchanged} unchanged, {} failed", HumanBytes(bytes), failed.len());
    for why in &failed {
        eprintln!("{why}");
    }
    Ok(if failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn find(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in std::fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))? {
        let path = entry?.path();
        match path.is_dir() {
            true if path.ends_with(STATES) => {}
            true => find(&path, files)?,
            false => files.push(path),
        }
    }
    Ok(())
}

/// The path below the folder, with slashes on every system.
fn key_of(folder: &Path, file: &Path) -> Result<String> {
    let parts = file.strip_prefix(folder)?.iter().map(|part| part.to_str().ok_or("its name is not text"));
    Ok(parts.collect::<std::result::Result<Vec<_>, _>>()?.join("/"))
}

/// Sends a file and gives how much that was; `None` when its object is there already.
async fn upload(bucket: &Bucket, folder: &Path, file: &Path, bars: &MultiProgress) -> Result<Option<u64>> {
    let key = key_of(folder, file)?;
    let about = file.metadata()?;
    let changed = about.modified()?.duration_since(UNIX_EPOCH)?.as_secs();
    let metadata = json!({ "changed": changed });
    match bucket.info(&key).await {
        Ok(info) if info.size == Some(about.len()) && info.metadata.as_ref() == Some(&metadata) => return Ok(None),
        Ok(_) => {}
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(error.into()),
    }
    let bar = bars.add(ProgressBar::new(about.len()));
    bar.set_style(ProgressStyle::with_template("{msg:30!} {bar:30} {bytes}/{total_bytes} {eta}")?);
    bar.set_message(key.clone());

    // A slash becomes what no key can hold.
    let kept = folder.join(STATES).join(key.replace('/', "%"));
    let watched = |upload: Upload| {
        let (bar, kept) = (bar.clone(), kept.clone());
        upload.on_progress(move |progress| bar.set_position(progress.sent)).on_state(move |state| keep(&kept, state))
    };
    let anew = || watched(bucket.upload(&key, file).upsert(true).metadata(&metadata));
    let state = std::fs::read(&kept).ok().and_then(|json| serde_json::from_slice::<UploadState>(&json).ok());
    let sent = match state {
        None => anew().await,
        Some(state) => match watched(bucket.resume_upload(state, file)).await {
            // The server has forgotten the upload, or the file is another one now.
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::Refused) => anew().await,
            sent => sent,
        },
    };
    bar.finish();
    let sent = sent?;
    // There is none of a small file.
    let _ = std::fs::remove_file(&kept);
    Ok(Some(sent.size))
}

/// Keeps a state so that it is whole, whenever the program is stopped. Without it the next run begins anew, which is no
/// harm.
fn keep(kept: &Path, state: &UploadState) {
    let new = kept.with_extension("new");
    let written = serde_json::to_vec(state).map_err(std::io::Error::other).and_then(|json| {
        std::fs::create_dir_all(kept.parent().unwrap_or(kept))?;
        std::fs::write(&new, json)?;
        std::fs::rename(&new, kept)
    });
    if let Err(error) = written {
        eprintln!("{}: {error}", kept.display());
    }
}
