//! Uploads a folder into a bucket with progress bars. Large files go in chunks; what an interrupted
//! run has sent is not sent again, since the state of each upload is kept in `<folder>/.uploads`.
//!
//! `SUPABASE_URL=… SUPABASE_KEY=… cargo run -p supabase-examples --bin upload -- <folder> <bucket>`

use std::path::{Path, PathBuf};

use futures_util::StreamExt;
use indicatif::{HumanBytes, MultiProgress, ProgressBar, ProgressStyle};
use supabase_core::Client;
use supabase_core::storage::{Bucket, Upload, UploadState};

const AT_ONCE: usize = 4;
const STATES: &str = ".uploads";

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

#[tokio::main]
async fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let (Some(folder), Some(bucket)) = (arguments.next(), arguments.next()) else {
        return Err("usage: upload <folder> <bucket>".into());
    };
    let folder = PathBuf::from(folder);
    let supabase = Client::new(&std::env::var("SUPABASE_URL")?, &std::env::var("SUPABASE_KEY")?)?;
    let (storage, bucket) = (supabase.storage(), supabase.storage().from(bucket));
    std::fs::create_dir_all(folder.join(STATES))?;

    let (mut files, bars) = (Vec::new(), MultiProgress::new());
    find(&folder, &mut files)?;
    let uploads = files.iter().map(|file| upload(&bucket, &folder, file, &bars)).collect::<Result<Vec<_>>>()?;
    let (mut bytes, mut done, mut failed) = (0, 0, Vec::new());
    let mut results = storage.upload_all(uploads, AT_ONCE);
    while let Some((key, result)) = results.next().await {
        match result {
            Ok(uploaded) => {
                (bytes, done) = (bytes + uploaded.size, done + 1);
                // There is none of a small file.
                let _ = std::fs::remove_file(state_file(&folder, &key));
            }
            Err(error) => failed.push(format!("{key}: {error}")),
        }
    }
    println!("{done} of {} files, {}", files.len(), HumanBytes(bytes));
    if failed.is_empty() { Ok(()) } else { Err(failed.join("\n").into()) }
}

fn find(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        match path.is_dir() {
            true if path.ends_with(STATES) => {}
            true => find(&path, files)?,
            false => files.push(path),
        }
    }
    Ok(())
}

fn state_file(folder: &Path, key: &str) -> PathBuf {
    folder.join(STATES).join(key.replace('/', "+"))
}

fn upload(bucket: &Bucket, folder: &Path, file: &Path, bars: &MultiProgress) -> Result<Upload> {
    let key = file.strip_prefix(folder)?.to_str().ok_or("a file's name is not text")?.to_owned();
    let bar = bars.add(ProgressBar::new(file.metadata()?.len()));
    bar.set_style(ProgressStyle::with_template("{msg:30!} {bar:30} {bytes}/{total_bytes} {eta}")?);
    bar.set_message(key.clone());
    let kept = state_file(folder, &key);
    let state = std::fs::read(&kept).ok().and_then(|json| serde_json::from_slice::<UploadState>(&json).ok());
    let upload = match state {
        Some(state) => bucket.resume_upload(state, file),
        None => bucket.upload(key, file).upsert(true),
    };
    Ok(upload.on_progress(move |progress| bar.set_position(progress.sent)).on_state(move |state| {
        // Without it the next run begins anew, which is no harm.
        let _ = serde_json::to_vec(state).map(|json| std::fs::write(&kept, json));
    }))
}
