//! The order of an answer's fields, which JSON that was taken apart does not keep.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, Serializer};
use serde_json::Value;

/// The fields of an answer as they are declared, and those of what is in it.
#[derive(Debug)]
enum Order {
    Fields(Vec<(String, Order)>),
    List(Vec<Order>),
    /// What has no fields.
    Plain,
}

/// An answer with other contents, whose fields stand as in that answer.
#[derive(Debug)]
pub(crate) struct InOrder {
    order: Order,
    value: Value,
}

impl InOrder {
    /// What was made of an answer, in its order.
    pub(super) fn of(answer: &impl Serialize, value: Value) -> Self {
        let text = serde_json::to_vec(answer);
        let order = text.and_then(|text| serde_json::from_slice(&text));
        Self {
            order: order.unwrap_or(Order::Plain),
            value,
        }
    }
}

impl Serialize for InOrder {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Part(&self.order, &self.value).serialize(serializer)
    }
}

struct Part<'a>(&'a Order, &'a Value);

impl Serialize for Part<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match (self.0, self.1) {
            (Order::Fields(fields), Value::Object(values)) => {
                let known = fields
                    .iter()
                    .filter_map(|(field, order)| Some((field, Part(order, values.get(field)?))));
                serializer.collect_map(known)
            }
            (Order::List(list), Value::Array(values)) => serializer.collect_seq(
                list.iter()
                    .zip(values)
                    .map(|(order, value)| Part(order, value)),
            ),
            (_, value) => value.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Order {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Fields)
    }
}

struct Fields;

impl<'de> Visitor<'de> for Fields {
    type Value = Order;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Order, A::Error> {
        let mut fields = Vec::new();
        while let Some(field) = map.next_entry()? {
            fields.push(field);
        }
        Ok(Order::Fields(fields))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Order, A::Error> {
        let mut all = Vec::new();
        while let Some(one) = list.next_element()? {
            all.push(one);
        }
        Ok(Order::List(all))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Order, E> {
        Ok(Order::Plain)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Order, E> {
        Ok(Order::Plain)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Order, E> {
        Ok(Order::Plain)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Order, E> {
        Ok(Order::Plain)
    }

    fn visit_str<E>(self, _: &str) -> Result<Order, E> {
        Ok(Order::Plain)
    }

    fn visit_unit<E>(self) -> Result<Order, E> {
        Ok(Order::Plain)
    }
}
