//! Questions about money at the sizes that people have.

use whopays::app::KeyCode;

use super::super::keys::budget::{half_spent, running, spent, tight};
use super::SIZES;

fn keep(name: &str, screen: impl Fn(u16, u16) -> String) {
    for (width, height) in SIZES {
        insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!(format!("{name}_{width}x{height}"), screen(width, height));
        });
    }
}

#[test]
fn an_action_that_would_pass_a_budget() {
    keep("budget_asks", |width, height| {
        let mut console = half_spent(width, height);
        console.keys("x");
        console.see();
        console.keys("y");
        console.draw()
    });
}

#[test]
fn a_budget_that_is_passed() {
    keep("budget_passed", |width, height| {
        let mut console = running("1.00 USD", width, height);
        spent(&mut console, "research", "maps", "1.0104");
        console.draw()
    });
}

#[test]
fn a_single_request_that_would_pass_a_budget() {
    keep("budget_toll", |width, height| {
        let mut console = tight("0.00001 USD", width, height);
        console.press(KeyCode::Backspace);
        console.go_to("maps");
        spent(&mut console, "research", "maps", "0.0000064");
        console.keys("\n");
        console.draw()
    });
}
