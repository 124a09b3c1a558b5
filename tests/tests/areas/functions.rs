//! Edge Functions.

use std::time::Duration;

use serde_json::json;
use supabase_core::functions::Region;
use supabase_core::http::Method;

capabilities! {
    "functions.invocation.invoke": "Functions::invoke" => |client| {
        let greeting: serde_json::Value =
            client.functions().invoke("hello-world").json(&json!({ "name": "Ada" })).await?.json()?;
    }
    "functions.invocation.set_auth_token": "Functions::set_auth" => |client| {
        let answer = client.functions().set_auth("another user's token").invoke("hello-world").await?;
    }
    "functions.invocation.method_override": "Invoke::method" => |client| {
        let answer = client.functions().invoke("todos/7").method(Method::DELETE).await?;
    }
    "functions.invocation.streaming_response": "Invoke::stream" => |client| {
        let mut events = client.functions().invoke("chat").json(&json!({ "prompt": "hi" })).stream().await?.events();
        while let Some(event) = events.next().await {
            print!("{}", event?.data);
        }
    }
    "functions.invocation.region_selection": "Functions::region" => |client| {
        // For every call of this handle, or for one.
        let functions = client.functions().region(Region::EuCentral1);
        let answer = functions.invoke("hello-world").region(Region::UsEast1).await?;
    }
    "functions.invocation.timeout": "Invoke::timeout" => |client| {
        let answer = client.functions().invoke("slow").timeout(Duration::from_secs(5)).await?;
    }
    "functions.invocation.request_cancellation": "Invoke::send" => |client| {
        // Whoever is faster: dropping a call cancels it.
        let call = client.functions().invoke("slow").send();
        tokio::select! {
            answer = call => println!("{:?}", answer?.status),
            () = tokio::time::sleep(Duration::from_secs(1)) => println!("cancelled"),
        }
    }
}
