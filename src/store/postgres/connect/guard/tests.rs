use std::cell::Cell;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio_postgres::config::SslMode;
use tokio_postgres::{Config, NoTls};

use super::super::super::decode::Array;
use super::super::super::said;
use super::super::stream::StartupSniffer;
use super::*;
use crate::fuzz;

fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 4).unwrap();
    [&[kind], &length.to_be_bytes()[..], body].concat()
}

/// A header alone, whatever it claims.
fn claim(kind: u8, length: u32) -> Vec<u8> {
    [&[kind], &length.to_be_bytes()[..]].concat()
}

/// A guard whose login is done.
fn in_session() -> (Guard, Conduct) {
    let (mut guard, conduct) = (Guard::new(), Conduct::default());
    guard.check(&conduct, &message(b'Z', b"I")).unwrap();
    (guard, conduct)
}

fn row(columns: u16, bytes: usize) -> Vec<u8> {
    message(
        b'D',
        &[&columns.to_be_bytes()[..], &vec![0; bytes]].concat(),
    )
}

#[test]
fn a_login_is_bounded_however_it_is_cut() {
    let said = message(b'S', &[b'x'; 1_000]).repeat(66);
    for size in [1, 7, 1_000, said.len()] {
        let (mut guard, conduct) = (Guard::new(), Conduct::default());
        let ended = said
            .chunks(size)
            .try_for_each(|piece| guard.check(&conduct, piece).map_err(|(_, breach)| breach));
        assert_eq!(ended, Err(Breach::Login), "{size}");
        assert_eq!(conduct.breach(), Some(Breach::Login));
    }
}

#[test]
fn what_a_server_says_at_a_login_passes() {
    let (mut guard, conduct) = (Guard::new(), Conduct::default());
    let said = [
        message(b'R', &[0, 0, 0, 10]),
        message(b'S', b"server_version\x0015.5\0").repeat(30),
        message(b'K', &[0; 8]),
        message(b'Z', b"I"),
        message(b'T', &[0; 100]),
        row(3, 100),
        message(b'C', b"SELECT 1\0"),
        message(b'Z', b"I"),
    ];
    for size in [1, 2, 3, 5, 8, 100_000] {
        for piece in said.concat().chunks(size) {
            assert_eq!(guard.check(&conduct, piece), Ok(()), "{size}");
        }
        guard = Guard::new();
    }
}

#[test]
fn a_length_is_not_believed_before_the_body_has_come() {
    for (kind, length, breach) in [
        (b'D', i32::MAX.unsigned_abs(), Breach::Answer(1 << 20)),
        (b'D', u32::MAX, Breach::Length(u32::MAX)),
        (b'D', 3, Breach::Length(3)),
        (b'Z', 0, Breach::Length(0)),
        (
            b'E',
            64 << 20,
            Breach::Message {
                kind: b'E',
                bytes: (64 << 20) + 1,
                limit: TEXT_BYTES,
            },
        ),
        (
            b'T',
            1 << 20,
            Breach::Message {
                kind: b'T',
                bytes: (1 << 20) + 1,
                limit: DESCRIPTION_BYTES,
            },
        ),
        (b'R', 8, Breach::Unexpected(b'R')),
        (b'd', 8, Breach::Unexpected(b'd')),
        (b'G', 8, Breach::Unexpected(b'G')),
        (0, 8, Breach::Unexpected(0)),
    ] {
        let (mut guard, conduct) = in_session();
        // With the two bytes of the body that a guard looks at, where there are any.
        let said = [claim(kind, length), vec![0; 2]].concat();
        assert_eq!(guard.check(&conduct, &said), Err((0, breach)));
    }
}

#[test]
fn what_came_before_a_breach_is_passed_on() {
    let (mut guard, conduct) = in_session();
    let good = message(b'C', b"SELECT 1\0");
    guard.check(&conduct, &good[..7]).unwrap();
    let said = [&good[7..], &claim(b'?', 9)].concat();
    let (passed, breach) = guard.check(&conduct, &said).unwrap_err();
    assert_eq!((passed, breach), (good.len() - 7, Breach::Unexpected(b'?')));
}

#[test]
fn an_answer_is_bounded_in_all_and_by_what_its_rows_take() {
    let (mut guard, conduct) = in_session();
    let page = row(1, 1 << 20).repeat(60);
    for _ in 0..3 {
        conduct.accept(AnswerLimit::READ);
        assert_eq!(guard.check(&conduct, &page), Ok(()));
        assert_eq!(guard.check(&conduct, &message(b'Z', b"I")), Ok(()));
    }
    let breach = Breach::Answer(64 << 20);
    assert_eq!(guard.check(&conduct, &page).unwrap_err().1, breach);

    // Rows without a byte take memory as well, and so do columns without a value.
    for row in [row(0, 0), row(1_000, 4_000)] {
        let (mut guard, conduct) = in_session();
        conduct.accept(AnswerLimit::READ);
        let rows = row.repeat((32 << 20) / row.len());
        assert_eq!(guard.check(&conduct, &rows).unwrap_err().1, breach);
    }
}

#[test]
fn an_index_has_more_rows_and_none_that_is_longer() {
    let post = row(10, 150);
    let (mut guard, conduct) = in_session();
    conduct.accept(AnswerLimit::INDEX);
    let thousand = post.repeat(1_000);
    let taken = (0..).find(|_| guard.check(&conduct, &thousand).is_err());
    assert!(matches!(taken, Some(700..900)), "{taken:?}");
    let (mut guard, conduct) = in_session();
    conduct.accept(AnswerLimit::INDEX);
    let long = [claim(b'D', 65 << 20), vec![0; 2]].concat();
    let breach = guard.check(&conduct, &long).unwrap_err().1;
    assert_eq!(breach, Breach::Answer(64 << 20));
}

#[test]
fn notices_and_settings_have_an_end() {
    let (mut guard, conduct) = in_session();
    let notices = message(b'N', &vec![b'x'; 1_000_000]).repeat(60);
    for _ in 0..3 {
        assert_eq!(guard.check(&conduct, &notices), Ok(()));
        assert_eq!(guard.check(&conduct, &message(b'Z', b"I")), Ok(()));
    }
    assert_eq!(conduct.useful_bytes(), 0);
    guard.check(&conduct, &notices).unwrap();
    let breach = guard.check(&conduct, &notices).unwrap_err().1;
    assert_eq!(breach, Breach::Notices);

    let (mut guard, conduct) = in_session();
    let statement = [message(b'S', &[b'x'; 1_000]), message(b'Z', b"I")].concat();
    let ended = (0..10_000).find_map(|_| guard.check(&conduct, &statement).err());
    assert_eq!(ended.map(|(_, breach)| breach), Some(Breach::Settings));
}

#[test]
fn what_is_claimed_has_not_passed() {
    let (mut guard, conduct) = in_session();
    conduct.accept(AnswerLimit::READ);
    let claimed = [claim(b'D', 32 << 20), vec![0; 2]].concat();
    guard.check(&conduct, &claimed).unwrap();
    assert_eq!(conduct.useful_bytes(), 0);
    for _ in 0..3 {
        guard.check(&conduct, &[0; 1_000]).unwrap();
    }
    assert_eq!(conduct.useful_bytes(), 3_000);
    let (mut guard, conduct) = in_session();
    guard
        .check(&conduct, &message(b'N', &[b'x'; 1_000]))
        .unwrap();
    assert_eq!(conduct.useful_bytes(), 0);
}

#[test]
fn types_made_of_types_have_an_end() {
    let (mut guard, conduct) = in_session();
    let own = message(b'B', b"\0\0\0\0");
    let lookup = message(b'B', b"\0s0\0\0\0");
    let said = |message: &[u8]| message.repeat(200);
    for _ in 0..10 {
        assert_eq!(guard.check_client(&conduct, &said(&own)), Ok(()));
    }
    assert_eq!(guard.check_client(&conduct, &said(&lookup)), Ok(()));
    let ended = said(&lookup)
        .chunks(3)
        .find_map(|piece| guard.check_client(&conduct, piece).err());
    assert_eq!(ended, Some(Breach::Types));
}

/// Returns messages of a login and of an answer, right and wrong.
fn corpus() -> Vec<Vec<u8>> {
    let login = [
        message(b'R', &[0, 0, 0, 0]),
        message(b'S', b"server_version\x0015.5\0"),
        message(b'K', &[0; 8]),
        message(b'Z', b"I"),
    ]
    .concat();
    let columns = message(
        b'T',
        b"\0\x03a\0\0\0\0\0\0\0\0\0\0\x17\0\x04\xff\xff\xff\xff\0\x01\
          b\0\0\0\0\0\0\0\0\0\0\x19\xff\xff\xff\xff\xff\xff\0\x01\
          c\0\0\0\0\0\0\0\0\0\x03\xf1\xff\xff\xff\xff\xff\xff\0\x01",
    );
    let row = message(
        b'D',
        b"\0\x03\0\0\0\x04\0\0\0\x07\0\0\0\x02hi\0\0\0\x19\
          \0\0\0\x01\0\0\0\0\0\0\0\x19\0\0\0\x01\0\0\0\x01\0\0\0\x01x",
    );
    let done = [message(b'1', b""), message(b'2', b"")].concat();
    let end = [message(b'C', b"SELECT 1\0"), message(b'Z', b"I")].concat();
    let error = message(
        b'E',
        b"SERROR\0VERROR\0C42P01\0Mno such table\0Dd\0Hh\0P12\0\0",
    );
    let notice = message(b'N', b"SNOTICE\0VNOTICE\0C00000\0Mhello\0\0");
    let sasl = message(b'R', b"\0\0\0\x0aSCRAM-SHA-256\0\0");
    vec![
        [&login[..], &done, &columns, &row, &row, &end].concat(),
        [&login[..], &notice, &done, &columns, &row, &notice, &end].concat(),
        [&login[..], &done, &error, &message(b'Z', b"E")].concat(),
        [&error[..], &end].concat(),
        [&sasl[..], &message(b'R', b"\0\0\0\x0br=a,s=QUJD,i=4096")].concat(),
        [&login[..], &message(b'A', b"\0\0\0\x01c\0m\0"), &row].concat(),
        login,
    ]
}

const PIECES: &[&[u8]] = &[
    b"Z\0\0\0\x05I",
    b"D\x7f\xff\xff\xff",
    b"D\0\0\0\x06\0\0",
    b"D\0\0\0\x06\xff\xff",
    b"T\0\0\0\x06\0\0",
    b"E\0\0\0\x05\0",
    b"N\0\0\0\x04",
    b"S\0\0\0\x08a\0b\0",
    b"R\0\0\0\x08\0\0\0\x03",
    b"R\0\0\0\x0c\0\0\0\x05salt",
    b"G\0\0\0\x07\0\0\0",
    b"\xff\xff\xff\xff",
    b"\x7f\xff\xff\xff",
    b"\0\0\x40\0",
    b"\0",
];

#[test]
fn any_bytes_are_judged_alike_however_they_are_cut() {
    let corpus = corpus();
    let corpus: Vec<&[u8]> = corpus.iter().map(Vec::as_slice).collect();
    fuzz::run("server messages", &corpus, PIECES, |bytes| {
        let (mut guard, conduct) = (Guard::new(), Conduct::default());
        let ended = guard.check(&conduct, bytes);
        // What is passed on claims no message that is longer than may be. A row is judged when
        // the number of its columns has come.
        let passed = ended.map_or_else(|(good, _)| good, |()| bytes.len());
        let mut rest = &bytes[..passed];
        while let [_, a, b, c, d, after @ ..] = rest {
            let length = u32::from_be_bytes([*a, *b, *c, *d]) as usize;
            let is_judged = after.len() >= 2;
            assert!(!is_judged || length >= 4 && length as u64 <= TEXT_BYTES);
            rest = after.get(length.saturating_sub(4)..).unwrap_or_default();
        }
        let size = bytes.first().map_or(1, |byte| usize::from(*byte % 9) + 1);
        let (mut guard, conduct) = (Guard::new(), Conduct::default());
        let cut = bytes
            .chunks(size)
            .try_for_each(|piece| guard.check(&conduct, piece));
        assert_eq!(ended.err().map(|e| e.1), cut.err().map(|e| e.1));
        let _ = guard.check_client(&conduct, bytes);
    });
}

/// Lets the driver log in and ask over a stream on which a server says these bytes, and reads
/// all that it makes of them.
async fn converse(bytes: Vec<u8>) -> Result<usize, tokio_postgres::Error> {
    let (near, far) = tokio::io::duplex(4_096);
    let server = tokio::spawn(async move {
        let (mut reader, mut writer) = tokio::io::split(far);
        let say = async move {
            writer.write_all(&bytes).await?;
            writer.shutdown().await
        };
        let mut nowhere = tokio::io::sink();
        let _ = tokio::join!(say, tokio::io::copy(&mut reader, &mut nowhere));
    });
    let stream = StartupSniffer::new(near, Arc::default(), Arc::default());
    let mut config = Config::new();
    config.user("u").password("p").ssl_mode(SslMode::Disable);
    let (client, connection) = config.connect_raw(stream, NoTls).await?;
    let driver = tokio::spawn(connection);
    let rows = client.query_typed("SELECT", &[]).await;
    let mut read = 0;
    for row in rows.iter().flatten() {
        for column in 0..row.len() {
            read += usize::from(row.try_get::<_, i32>(column).is_ok());
            read += usize::from(row.try_get::<_, String>(column).is_ok());
            read += usize::from(row.try_get::<_, Array<String>>(column).is_ok());
        }
    }
    if let Some(answer) = rows.as_ref().err().and_then(|error| error.as_db_error()) {
        said::words(answer);
    }
    let _ = client.batch_execute("BEGIN").await;
    drop(client);
    let _ = driver.await;
    let _ = server.await;
    rows.map(|_| read)
}

#[test]
fn no_bytes_of_a_server_make_the_driver_panic_or_wait_for_ever() {
    let corpus = corpus();
    let corpus: Vec<&[u8]> = corpus.iter().map(Vec::as_slice).collect();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    let answered = Cell::new(0);
    fuzz::run("server answers", &corpus, PIECES, |bytes| {
        let ended = runtime.block_on(async {
            let conversation = tokio::spawn(converse(bytes.to_vec()));
            tokio::time::timeout(Duration::from_secs(20), conversation).await
        });
        let ended = ended.expect("it ends").expect("nothing panics");
        answered.set(answered.get() + usize::from(ended.is_ok_and(|read| read > 0)));
    });
    // Mutations leave some inputs whole, so that the whole way is gone.
    assert!(answered.get() > 0);
}

#[test]
fn a_breach_is_found_in_what_the_driver_makes_of_it() {
    let error = io::Error::from(Breach::Login);
    assert_eq!(Breach::of(&error), Some(Breach::Login));
    assert_eq!(Breach::of(&io::Error::other("else")), None);
}
