//! Before, keys, after: decisions of the console, without a runtime.

pub(crate) mod driver;

use driver::Console;

#[test]
fn looks() {
    for (w, h) in [(80, 24), (120, 40), (40, 10)] {
        let mut console = Console::board(w, h);
        console.go_to("colorpictures");
        println!("{}", console.draw());
        console.keys("p");
        println!("{}", console.draw());
        console.keys("\u{1b}i");
        println!("{}", console.draw());
        console.keys("?");
        println!("{}", console.draw());
        console.keys("\u{1b}\u{1b}*p");
        println!("{}", console.draw());
        console.keys("\u{1b}:re");
        println!("{}", console.draw());
    }
}
