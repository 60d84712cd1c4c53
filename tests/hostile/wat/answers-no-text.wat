;; Answers with bytes that are no UTF-8.
(data (i32.const 800) "\ff\fe")
(func $attack (result i32) (call $says (i32.const 800) (i32.const 2)))
