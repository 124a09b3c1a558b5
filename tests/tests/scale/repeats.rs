//! When a request is sent again.

use super::*;

#[tokio::test]
async fn waits_are_those_of_the_server_or_of_chance() {
    let waits: Arc<Mutex<Vec<Duration>>> = Arc::default();
    let client = |replies: Vec<Reply>| {
        let waits = Arc::clone(&waits);
        let sleep = move |time| -> BoxFuture<'static, ()> {
            waits.lock().unwrap().push(time);
            Box::pin(async {})
        };
        let recording = Recording::new(replies);
        let retry = RetryPolicy::default().sleep(Arc::new(sleep));
        let builder = Client::builder("https://example.supabase.co", "key").transport(recording.clone()).retry(retry);
        (builder.build().unwrap(), recording)
    };
    let busy = |after: &str| Reply::empty(StatusCode::SERVICE_UNAVAILABLE).header("retry-after", after);

    // The server's word, up to half a minute; a stream and pages are asked for again as any read.
    let (supabase, recording) = client(vec![busy("2"), busy("3600"), busy("0"), json(r#"[{"id":1}]"#)]);
    let rows: Vec<_> = supabase.from(moons::Table).select(moons::id).stream().map(Result::unwrap).collect().await;
    assert_eq!(rows, [1]);
    assert_eq!(std::mem::take(&mut *waits.lock().unwrap()), [2, 30, 0].map(Duration::from_secs));
    let counts: Vec<_> = recording
        .sent()
        .iter()
        .map(|sent| sent.headers.get("x-retry-count").map(|count| count.to_str().unwrap().to_owned()))
        .collect();
    assert_eq!(counts, [None, Some("1".to_owned()), Some("2".to_owned()), Some("3".to_owned())]);
    let (supabase, recording) = client(vec![busy("1"), json(r#"[{"id":1}]"#), busy("1"), json("[]")]);
    assert_eq!(supabase.from(moons::Table).select(moons::id).all().await.unwrap(), [1]);
    assert_eq!(recording.sent().len(), 4);
    waits.lock().unwrap().clear();

    // A date is as good, by the server's own clock.
    let date = |at: &str| busy(&format!("Fri, 02 Jan 2026 {at} GMT")).header("date", "Fri, 02 Jan 2026 10:00:00 GMT");
    let (supabase, _) = client(vec![date("10:00:05"), date("11:00:00"), date("09:00:00"), json("[]")]);
    assert!(supabase.from(moons::Table).select(moons::id).await.unwrap().is_empty());
    assert_eq!(std::mem::take(&mut *waits.lock().unwrap()), [5, 30, 0].map(Duration::from_secs));

    // Otherwise anything from nothing to 1, 2 and 4 seconds, every part of it.
    for _ in 0..300 {
        for failure in [Reply::empty(StatusCode::SERVICE_UNAVAILABLE), Reply::failure(ErrorKind::Offline)] {
            let (supabase, _) = client(vec![failure]);
            let error = supabase.from(moons::Table).select(moons::id).stream().next().await.unwrap().unwrap_err();
            assert!(matches!(error.kind(), ErrorKind::Unavailable | ErrorKind::Offline));
        }
    }
    let waits = waits.lock().unwrap();
    assert_eq!(waits.len(), 1800);
    for (at, bound) in [1.0, 2.0, 4.0].into_iter().enumerate() {
        let fractions: Vec<f64> = waits.iter().skip(at).step_by(3).map(|wait| wait.as_secs_f64() / bound).collect();
        assert!(fractions.iter().all(|fraction| (0.0..=1.0).contains(fraction)));
        for tenth in 0..10 {
            let share = fractions.iter().filter(|fraction| (**fraction * 10.0) as i32 == tenth).count();
            // 60 are expected of 600, with a deviation of 7.
            assert!((20..=110).contains(&share), "{share} of 600 waits are in tenth {tenth} of {bound} s");
        }
    }
}
