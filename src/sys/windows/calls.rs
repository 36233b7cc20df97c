//! Calls of Windows that neither the standard library nor a library with safe functions has.
//!
//! Each function asks one thing and checks what comes back; nothing of what it allocates outlives it but the job.

#![expect(unsafe_code, reason = "the system's calls take pointers")]

use std::ffi::{OsString, c_void};
use std::fs::File;
use std::io;
use std::mem::{size_of, size_of_val, zeroed};
use std::os::windows::ffi::OsStringExt;
use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle};
use std::path::PathBuf;
use std::ptr::{null, null_mut};
use std::sync::OnceLock;

use windows_sys::Win32::Foundation::{
    ERROR_INVALID_PARAMETER, FILETIME, GetLastError, HANDLE, LocalFree, WAIT_OBJECT_0,
};
use windows_sys::Win32::Security::Authorization::{GetSecurityInfo, SE_FILE_OBJECT};
use windows_sys::Win32::Security::{
    EqualSid, GetSidSubAuthority, GetSidSubAuthorityCount, GetTokenInformation, IsWellKnownSid,
    OWNER_SECURITY_INFORMATION, PSID, TOKEN_QUERY, TOKEN_USER, TokenUser, WinBuiltinAdministratorsSid,
    WinLocalSystemSid,
};
use windows_sys::Win32::Storage::FileSystem::GetFinalPathNameByHandleW;
use windows_sys::Win32::System::JobObjects::{
    AssignProcessToJobObject, CreateJobObjectW, JOB_OBJECT_LIMIT_DIE_ON_UNHANDLED_EXCEPTION,
    JOB_OBJECT_LIMIT_PROCESS_MEMORY, JOB_OBJECT_LIMIT_PROCESS_TIME, JOBOBJECT_EXTENDED_LIMIT_INFORMATION,
    JobObjectExtendedLimitInformation, SetInformationJobObject,
};
use windows_sys::Win32::System::Threading::{
    GetCurrentProcess, GetCurrentThread, GetProcessTimes, OpenProcess, OpenProcessToken, PROCESS_SYNCHRONIZE,
    SetThreadPriority, THREAD_PRIORITY_LOWEST, WaitForSingleObject,
};

/// The error of the last call on this thread, if it has failed.
fn checked(result: i32) -> io::Result<()> {
    if result == 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// Where an open file or folder lies now, with all links resolved; begins with `\\?\`.
pub(super) fn final_path(file: &File) -> io::Result<PathBuf> {
    let mut wide = vec![0_u16; 512];
    loop {
        let room = u32::try_from(wide.len()).unwrap_or(u32::MAX);
        // SAFETY: the handle is open for as long as `file` is borrowed, and there is as much room as is said.
        let length = unsafe { GetFinalPathNameByHandleW(file.as_raw_handle(), wide.as_mut_ptr(), room, 0) };
        match length as usize {
            0 => return Err(io::Error::last_os_error()),
            length if length < wide.len() => return Ok(OsString::from_wide(&wide[..length]).into()),
            // So much room it takes, with the zero at the end.
            length => wide.resize(length + 1, 0),
        }
    }
}

/// The last part of the security identifier of an open file's owner, if that is neither who runs this program nor the
/// machine's administrators.
pub(super) fn foreign_owner(file: &File) -> io::Result<Option<u32>> {
    let (mut owner, mut descriptor): (PSID, *mut c_void) = (null_mut(), null_mut());
    // SAFETY: the handle is open, and what isn't asked for may be null; the owner points into the descriptor, which is freed last.
    let error = unsafe {
        GetSecurityInfo(
            file.as_raw_handle(),
            SE_FILE_OBJECT,
            OWNER_SECURITY_INFORMATION,
            &raw mut owner,
            null_mut(),
            null_mut(),
            null_mut(),
            &raw mut descriptor,
        )
    };
    if error != 0 {
        return Err(io::Error::from_raw_os_error(error.cast_signed()));
    }
    let foreign = if owner.is_null() { Ok(None) } else { foreign_number(owner) };
    // SAFETY: the descriptor was allocated by the call, and nothing points to it any more.
    unsafe { LocalFree(descriptor) };
    foreign
}

/// The last part of a security identifier, unless it is that of who runs this program or of the administrators.
fn foreign_number(owner: PSID) -> io::Result<Option<u32>> {
    let mut token: HANDLE = null_mut();
    // SAFETY: this process has a handle that needs no closing, and the token is closed with what owns it.
    let token = unsafe {
        checked(OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &raw mut token))?;
        OwnedHandle::from_raw_handle(token)
    };
    // An identifier has at most 68 bytes; as numbers, they are aligned for the pointer before them.
    let mut user = [0_u64; 32];
    let mut length = 0;
    let room = size_of_val(&user) as u32;
    // SAFETY: there is as much room as is said, aligned, and the identifier of the user points into it.
    unsafe {
        let place = user.as_mut_ptr().cast::<c_void>();
        checked(GetTokenInformation(token.as_raw_handle(), TokenUser, place, room, &raw mut length))?;
        let ours = (*user.as_ptr().cast::<TOKEN_USER>()).User.Sid;
        let is_ours = EqualSid(owner, ours) != 0
            || IsWellKnownSid(owner, WinBuiltinAdministratorsSid) != 0
            || IsWellKnownSid(owner, WinLocalSystemSid) != 0;
        let parts = u32::from(*GetSidSubAuthorityCount(owner));
        let last = parts.checked_sub(1).map_or(0, |last| *GetSidSubAuthority(owner, last));
        Ok((!is_ours).then_some(last))
    }
}

/// The limits of this process, and the memory among them.
static JOB: OnceLock<(OwnedHandle, usize)> = OnceLock::new();

/// Limits the memory of this process for good.
pub(super) fn limit_memory(most: u64) -> io::Result<()> {
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    // SAFETY: a job without a name or rights of its own, which is never closed.
    let job = unsafe { CreateJobObjectW(null(), null()) };
    if job.is_null() {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the handle is new, and owned from here on.
    let job = unsafe { OwnedHandle::from_raw_handle(job) };
    set_limits(&job, most, None)?;
    // SAFETY: both handles are open.
    checked(unsafe { AssignProcessToJobObject(job.as_raw_handle(), GetCurrentProcess()) })?;
    // The first job stays.
    drop(JOB.set((job, most)));
    Ok(())
}

/// Limits the CPU time of this process, from now on; its memory must have been limited before.
pub(super) fn limit_time(seconds: u64) -> io::Result<()> {
    let Some((job, memory)) = JOB.get() else { return Ok(()) };
    let mut times = [FILETIME { dwLowDateTime: 0, dwHighDateTime: 0 }; 4];
    let [made, ended, system, user] = &mut times;
    // SAFETY: the four times are written.
    checked(unsafe { GetProcessTimes(GetCurrentProcess(), made, ended, system, user) })?;
    let spent = u64::from(user.dwHighDateTime) << 32 | u64::from(user.dwLowDateTime);
    set_limits(job, *memory, Some(spent + seconds * 10_000_000))
}

/// Sets the limits of a job: memory in bytes, and time in user mode in units of 100 ns.
fn set_limits(job: &OwnedHandle, memory: usize, time: Option<u64>) -> io::Result<()> {
    // SAFETY: zeros are no limits.
    let mut limits: JOBOBJECT_EXTENDED_LIMIT_INFORMATION = unsafe { zeroed() };
    limits.BasicLimitInformation.LimitFlags =
        JOB_OBJECT_LIMIT_PROCESS_MEMORY | JOB_OBJECT_LIMIT_DIE_ON_UNHANDLED_EXCEPTION;
    limits.ProcessMemoryLimit = memory;
    if let Some(time) = time {
        limits.BasicLimitInformation.LimitFlags |= JOB_OBJECT_LIMIT_PROCESS_TIME;
        limits.BasicLimitInformation.PerProcessUserTimeLimit = i64::try_from(time).unwrap_or(i64::MAX);
    }
    let size = size_of::<JOBOBJECT_EXTENDED_LIMIT_INFORMATION>() as u32;
    let place = (&raw const limits).cast();
    // SAFETY: the limits are of the kind and size that is said.
    checked(unsafe {
        SetInformationJobObject(job.as_raw_handle(), JobObjectExtendedLimitInformation, place, size)
    })
}

/// Whether there is no process of this number, or it has ended. In doubt there is.
pub(super) fn is_no_process(number: u32) -> bool {
    // SAFETY: a number is no pointer, and what is opened is closed with what owns it.
    unsafe {
        let process = OpenProcess(PROCESS_SYNCHRONIZE, 0, number);
        if process.is_null() {
            return GetLastError() == ERROR_INVALID_PARAMETER;
        }
        let process = OwnedHandle::from_raw_handle(process);
        WaitForSingleObject(process.as_raw_handle(), 0) == WAIT_OBJECT_0
    }
}

/// Lowers the priority of this thread.
pub(super) fn yield_to_others() {
    // SAFETY: this thread has a handle that needs no closing.
    if let Err(error) = checked(unsafe { SetThreadPriority(GetCurrentThread(), THREAD_PRIORITY_LOWEST) }) {
        tracing::debug!(%error, "the priority stays as it is");
    }
}
