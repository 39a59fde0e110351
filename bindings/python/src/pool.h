// What calls need and give back, so that it is made once for as many calls as run at a time. The GIL is its lock.
#pragma once

#include <memory>
#include <utility>
#include <vector>

namespace dinghy::python {

template <class T>
class Pool {
 public:
  /// Clears the object and gives it back when it goes out of scope, which must be with the GIL.
  class Lease {
   public:
    Lease(Pool& pool, std::unique_ptr<T> object) : pool_(pool), object_(std::move(object)) {}
    Lease(Lease&&) = delete;
    ~Lease() {
      object_->clear();
      pool_.free_.push_back(std::move(object_));
    }
    T& operator*() const { return *object_; }
    T* operator->() const { return object_.get(); }

   private:
    Pool& pool_;
    std::unique_ptr<T> object_;
  };

  /// One that is free, or a new one by `make`, a function that gives a unique_ptr.
  template <class Make>
  Lease take(Make&& make) {
    if (free_.empty()) return Lease(*this, make());
    std::unique_ptr<T> object = std::move(free_.back());
    free_.pop_back();
    return Lease(*this, std::move(object));
  }

 private:
  std::vector<std::unique_ptr<T>> free_;
};

}  // namespace dinghy::python
