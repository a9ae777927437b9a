//! Connections: how many, from whom, and how long one may say nothing. `axum::serve` has no such bounds, so hyper's own
//! server for one connection is used here.

use std::collections::HashMap;
use std::future::Future;
use std::io;
use std::net::IpAddr;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::extract::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use hyper_util::rt::TokioTimer;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpListener;
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::sync::watch;
use tokio_io_timeout::TimeoutStream;
use tower::ServiceExt;

use crate::app::App;
use crate::config::Timeouts;
use crate::extract::Ending;

use super::bucket::Buckets;
use super::bucket::Counted;
use super::headers::Fixed;
use super::router;
use super::straight::Straight;

/// How long running requests may take to end once the service stops.
const LAST_REQUESTS: Duration = Duration::from_secs(8);

/// A request's head at most: the longest address and some headers.
const HEAD: usize = 64 * 1024;

/// Whoever answers: the short way where it leads there, else the router.
#[derive(Debug)]
struct Edge {
    straight: Straight,
    router: Router,
}

impl Edge {
    fn new(app: &App) -> Self {
        // Whichever way a caller comes, it is counted in one bucket.
        let buckets = Arc::new(Buckets::new(&app.config.limits));
        let fixed = Fixed::new(&app.config);
        Self {
            straight: Straight::new(app, Arc::clone(&buckets), fixed.clone()),
            router: router(app.clone(), buckets, fixed),
        }
    }
}

/// Serves until `stop` is ready, then lets running requests end, within reason.
pub async fn serve(
    app: App,
    listener: TcpListener,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let most = app.config.limits.connections.max(2);
    let room = Arc::new(Semaphore::new(most));
    let shares = Shares::new(most / 2);
    let timeouts = app.config.timeouts;
    app.db.write_for_requests(timeouts);
    let edge = Arc::new(Edge::new(&app));
    let open = GracefulShutdown::new();
    let mut stop = pin!(stop);
    let (end, ending) = watch::channel(false);
    loop {
        // Without room nobody is accepted; the kernel lets them wait.
        let accepted = async {
            let seat = Arc::clone(&room).acquire_owned().await;
            (listener.accept().await, seat)
        };
        let (accepted, seat) = tokio::select! {
            it = accepted => it,
            () = &mut stop => break,
        };
        let (stream, peer) = match accepted {
            Ok(it) => it,
            Err(error) => {
                rest_after(&error).await;
                continue;
            }
        };
        let ip = peer.ip().to_canonical();
        // All the world comes through a proxy's address.
        let trusted = app.config.trusted_proxies.iter().any(|it| it.contains(&ip));
        let share = if trusted { None } else { shares.take(ip) };
        if share.is_none() && !trusted {
            tracing::debug!(%ip, "a connection more than one address may have");
            continue;
        }
        let connection = open.watch(connection(
            stream,
            peer,
            edge.clone(),
            timeouts,
            Ending::of(ending.clone()),
        ));
        tokio::spawn(async move {
            // Clients that go away in the middle are no news.
            let _ = connection.await;
            drop((seat, share));
        });
    }
    drop(listener);
    // Streams of events would go on for as long as their readers like.
    end.send_replace(true);
    tokio::select! {
        () = open.shutdown() => {}
        () = tokio::time::sleep(LAST_REQUESTS) => {}
    }
    Ok(())
}

fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    edge: Arc<Edge>,
    timeouts: Timeouts,
    ending: Ending,
) -> impl hyper_util::server::graceful::GracefulConnection<Output = hyper::Result<()>> {
    // Answers are written in one piece where they can be; nothing is gained by waiting for more.
    let _ = stream.set_nodelay(true);
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(Timeouts::seconds(timeouts.stall)));
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let (edge, ending) = (Arc::clone(&edge), ending.clone());
        async move {
            let mut counted: Option<Counted> = None;
            if let Some(answer) = edge.straight.answer(peer, &request, &mut counted).await {
                return Ok(answer);
            }
            let mut request: Request = request.map(Body::new);
            if let Some(it) = counted {
                request.extensions_mut().insert(it);
            }
            request.extensions_mut().insert(ConnectInfo(peer));
            request.extensions_mut().insert(ending);
            edge.router.clone().oneshot(request).await
        }
    });
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(Timeouts::seconds(timeouts.head))
        .max_buf_size(HEAD)
        .serve_connection(TokioIo::new(Box::pin(stream)), service)
}

/// One connection that failed is nothing; without descriptors every next one fails too, so there is a pause.
async fn rest_after(error: &io::Error) {
    use io::ErrorKind;
    let of_the_client =
        [ErrorKind::ConnectionRefused, ErrorKind::ConnectionAborted, ErrorKind::ConnectionReset];
    if !of_the_client.contains(&error.kind()) {
        tracing::error!(%error, "accepting a connection");
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

/// How many connections each address has.
#[derive(Clone, Debug)]
struct Shares {
    counts: Arc<Mutex<HashMap<IpAddr, usize>>>,
    most: usize,
}

/// One address's connection; gives its place back when it ends.
#[derive(Debug)]
struct Share {
    shares: Shares,
    ip: IpAddr,
}

impl Shares {
    fn new(most: usize) -> Self {
        Self { counts: Arc::default(), most }
    }

    fn take(&self, ip: IpAddr) -> Option<Share> {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(ip).or_default();
        if *count >= self.most {
            return None;
        }
        *count += 1;
        Some(Share { shares: self.clone(), ip })
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut counts = self.shares.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.ip) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.ip);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_its_share_and_gives_it_back() {
        let shares = Shares::new(2);
        let ip = IpAddr::from([192, 0, 2, 1]);
        let (first, _second) = (shares.take(ip), shares.take(ip));
        assert!(shares.take(ip).is_none());
        assert!(shares.take(IpAddr::from([192, 0, 2, 2])).is_some());
        drop(first);
        assert!(shares.take(ip).is_some());
        assert_eq!(shares.counts.lock().unwrap().len(), 1);
    }
}
