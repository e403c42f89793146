use super::*;

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
    message(b'D', &[&columns.to_be_bytes()[..], &vec![0; bytes]].concat())
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

#[test]
fn a_breach_is_found_in_what_the_driver_makes_of_it() {
    let error = io::Error::from(Breach::Login);
    assert_eq!(Breach::of(&error), Some(Breach::Login));
    assert_eq!(Breach::of(&io::Error::other("else")), None);
}
