;; Says something else when it is asked again: one character less. A fresh instance begins
;; anew, so only asking one instance twice shows it.
(global $asked (mut i32) (i32.const 0))
(func $describe (export "patchboard:provider/mapper@0.1.0#describe") (result i32)
  (i32.store (i32.const 16) (i32.const 1024))
  (i32.store (i32.const 20) (i32.sub (global.get $length) (global.get $asked)))
  (global.set $asked (i32.const 1))
  (i32.const 16))
