// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/link/tls_identity.h"

#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>

namespace satchel {
namespace {

using Bio = std::unique_ptr<BIO, decltype(&BIO_free_all)>;
constexpr off_t kKeyFileBytesMax = 64 * 1024;

std::unexpected<Error> crypto_error(const char* code) {
  const unsigned long error = ERR_get_error();
  ERR_clear_error();
  const char* reason = ERR_reason_error_string(error);
  return fail(ErrorKind::failed, code, reason ? reason : "");
}

std::unexpected<Error> file_error(const std::filesystem::path& file, const char* what) {
  return fail(ErrorKind::storage, "link.key-write", file.string() + ": " + what + ": " + std::strerror(errno));
}

bool fill_certificate(X509* certificate, EVP_PKEY* key) {
  std::uint64_t serial = 0;
  if (RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial) != 1) return false;
  X509_NAME* name = X509_get_subject_name(certificate);
  return X509_set_version(certificate, X509_VERSION_3) == 1 &&
         ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial >> 1 | 1) == 1 &&
         ASN1_TIME_set_string(X509_getm_notBefore(certificate), "20200101000000Z") == 1 &&
         ASN1_TIME_set_string(X509_getm_notAfter(certificate), "99991231235959Z") == 1 &&
         X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("satchel hub"), -1,
                                    -1, 0) == 1 &&
         X509_set_issuer_name(certificate, name) == 1 && X509_set_pubkey(certificate, key) == 1 &&
         X509_sign(certificate, key, EVP_sha256()) > 0;
}

Result<void> write_synced(const std::filesystem::path& file, View bytes) {
  const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return file_error(file, "open");
  const bool written =
      ::write(fd, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()) && ::fsync(fd) == 0;
  const int error = errno;
  if (::close(fd) == 0 && written) return {};
  errno = error;
  return file_error(file, "write");
}

Result<void> sync_folder(const std::filesystem::path& folder) {
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return file_error(folder, "open");
  const bool synced = ::fsync(fd) == 0;
  ::close(fd);
  if (!synced) return file_error(folder, "sync");
  return {};
}

// Checked on the open descriptor, so that what is judged is what is read.
Result<Bytes> read_private(const std::filesystem::path& file) {
  const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0 && errno == ENOENT) return fail(ErrorKind::not_found, "link.no-key-file", file.string());
  if (fd < 0) return fail(ErrorKind::storage, "link.key-read", file.string() + ": " + std::strerror(errno));
  struct stat about{};
  Result<Bytes> bytes = Bytes();
  if (::fstat(fd, &about) != 0 || about.st_size > kKeyFileBytesMax) {
    bytes = fail(ErrorKind::integrity, "link.key-file", file.string());
  } else if ((about.st_mode & 077) != 0) {
    bytes = fail(ErrorKind::permission, "link.key-exposed", file.string());
  } else {
    bytes->resize(static_cast<std::size_t>(about.st_size));
    if (::read(fd, bytes->data(), bytes->size()) != about.st_size)
      bytes = fail(ErrorKind::storage, "link.key-read", file.string());
  }
  ::close(fd);
  return bytes;
}

}  // namespace

TlsIdentity::TlsIdentity(evp_pkey_st* key, x509_st* certificate)
    : key_(key, EVP_PKEY_free), certificate_(certificate, X509_free) {}

Result<TlsIdentity> TlsIdentity::make() {
  ERR_clear_error();
  TlsIdentity identity(EVP_EC_gen("P-256"), X509_new());
  if (!identity.key() || !identity.certificate() || !fill_certificate(identity.certificate(), identity.key()))
    return crypto_error("link.key-make");
  return identity;
}

Result<TlsIdentity> TlsIdentity::load(const std::filesystem::path& file) {
  Result<Bytes> pem = read_private(file);
  if (!pem) return std::unexpected(pem.error());
  const Bio bio(BIO_new_mem_buf(pem->data(), static_cast<int>(pem->size())), BIO_free_all);
  EVP_PKEY* key = bio ? PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr) : nullptr;
  X509* certificate = key ? PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr) : nullptr;
  OPENSSL_cleanse(pem->data(), pem->size());
  TlsIdentity identity(key, certificate);
  const bool whole = key && certificate && X509_check_private_key(certificate, key) == 1;
  ERR_clear_error();
  if (!whole) return fail(ErrorKind::integrity, "link.key-file", file.string());
  return identity;
}

Result<void> TlsIdentity::save(const std::filesystem::path& file) const {
  const Bio bio(BIO_new(BIO_s_mem()), BIO_free_all);
  if (!bio || PEM_write_bio_PrivateKey(bio.get(), key(), nullptr, nullptr, 0, nullptr, nullptr) != 1 ||
      PEM_write_bio_X509(bio.get(), certificate()) != 1)
    return crypto_error("link.key-write");
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  std::filesystem::path aside = file;
  aside += ".new";
  ::unlink(aside.c_str());
  const Result<void> written =
      write_synced(aside, {reinterpret_cast<const Byte*>(data), static_cast<std::size_t>(size)});
  OPENSSL_cleanse(data, static_cast<std::size_t>(size));
  SATCHEL_TRY(written);
  if (::rename(aside.c_str(), file.c_str()) != 0) return file_error(file, "rename");
  return sync_folder(file.has_parent_path() ? file.parent_path() : std::filesystem::path("."));
}

Digest TlsIdentity::pin() const { return pin_of(certificate()); }

Digest pin_of(x509_st* certificate) {
  Digest pin;
  unsigned char* der = nullptr;
  const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der);
  if (size <= 0) return pin;
  EVP_Digest(der, static_cast<std::size_t>(size), pin.bytes.data(), nullptr, EVP_sha256(), nullptr);
  OPENSSL_free(der);
  return pin;
}

}  // namespace satchel
