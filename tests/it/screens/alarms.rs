//! What stands of alarms, in the details and on the status line, at fixed sizes.

use whopays::alarms::Found;
use whopays::domain::Provider;
use whopays::domain::op::PriceClass;

use super::super::keys::alarms::{turned, uncharged, unpriced};
use super::super::keys::driver::Console;

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (40, 10)];

fn snapshot(name: &str, screen: String) {
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false, snapshot_path => "../snapshots" }, {
        insta::assert_snapshot!(name, screen);
    });
}

/// Everything at once: it is said in the order of the screen, and the newest stands on the status line.
#[test]
fn everything_that_can_stand() {
    for (width, height) in SIZES {
        let mut console = Console::board(width, height);
        console.go_to("colorpictures");
        console.send(unpriced(Provider::S3, "us-west-2", PriceClass::Tier2));
        console.send(uncharged("research", "colorpictures", Provider::S3));
        console.send(turned("colorpictures", Found::Now));
        snapshot(&format!("alarms_{width}x{height}"), console.draw());
        console.keys("i");
        snapshot(&format!("alarms_details_{width}x{height}"), console.draw());
    }
}
