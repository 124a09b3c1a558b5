//! `types`: a struct of one field for each domain that is wanted as a type of its own.

use super::doc;
use super::place::Place;
use super::text::Text;
use crate::name::NamedDomain;

pub(super) fn item(text: &mut Text, domain: &NamedDomain, place: Place<'_>) {
    let (rust, inner) = (&domain.name.rust, place.ty(&domain.inner));
    doc::outer(text, &domain.facts, domain.comment.as_deref());
    let mut derives = vec!["Debug".to_owned(), "Clone".to_owned(), "PartialEq".to_owned()];
    derives.extend(domain.derives.iter().filter(|derive| *derive != "PartialEq").cloned());
    text.list("#[derive(", &derives, ")]");
    text.typed(format_args!("pub struct {rust}(pub "), &inner, ");");
    text.line(format_args!("{}::impl_domain!({rust}, {inner});", place.library()));
}
